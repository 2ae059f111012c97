// What the plots by edge show: edge by edge while they can be told apart, and as distributions beyond that.
"use strict";

// Counts of values in bins of one even size, roughly as many as the square root of their count.
function bins(values, whole) {
  const least = Math.min(...values);
  const most = Math.max(...values);
  const wanted = Math.min(40, Math.max(16, Math.ceil(Math.sqrt(values.length))));
  const even = round_step((most - least) / wanted || 1);
  const size = whole ? Math.max(1, even) : even;
  const start = Math.floor(least / size) * size;
  const found = [];
  for (let i = 0; start + i * size <= most + size * 1e-9; ++i)
    found.push({ from: start + i * size, edges: 0 });
  for (const value of values)
    ++found[Math.min(found.length - 1, Math.floor((value - start) / size + 1e-9))].edges;
  return { bins: found, size };
}

function histogram(colours, values, title, colour, whole) {
  const split = bins(values, whole);
  const digits = whole ? 0 : Math.max(0, -Math.floor(Math.log10(split.size) + 1e-9));
  const upper = bin => (whole ? bin.from + split.size - 1 : bin.from + split.size);
  const text = bin => (upper(bin) === bin.from ? plain(bin.from, 0)
                                               : `${plain(bin.from, digits)} to ${plain(upper(bin), digits)}`);
  const tooltip = { callbacks: { title: items => `${title}: ${text(split.bins[items[0].dataIndex])}`,
                                 label: item => `${grouped(item.parsed.y)} edges` } };
  return {
    type: "bar",
    data: { labels: split.bins.map(text),
            datasets: [{ label: "Edges", data: split.bins.map(bin => bin.edges), backgroundColor: colour,
                         barPercentage: 1, categoryPercentage: 0.94 }] },
    options: options(colours, axis(colours, title, { grid: { display: false } }),
                     axis(colours, "Edges", { beginAtZero: true, ticks: { color: colours.soft, precision: 0, padding: 6 } }),
                     { plugins: { tooltip, legend: { display: false } } }),
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

// Colours for so many classes: the scheme's, and beyond its end the same ones, lighter.
function class_colours(colours, count) {
  return Array.from({ length: count }, (_, i) => {
    const colour = colours.classes[i % colours.classes.length];
    return i < colours.classes.length ? colour : see_through(colour, 1 / (1 + Math.floor(i / colours.classes.length)));
  });
}

function labels_config(data, colours, order, names, many) {
  const classes = Math.max(...data.labels.map(counts => counts.length));
  const shades = class_colours(colours, classes);
  const datasets = Array.from({ length: classes }, (_, c) => ({
    label: `${c}`, data: order.map(i => data.labels[i][c] || 0), backgroundColor: shades[c],
    barPercentage: many ? 1 : 0.86, categoryPercentage: many ? 1 : 0.9,
  }));
  const amount = axis(colours, "Examples", { stacked: true, beginAtZero: true });
  const edge = axis(colours, many ? "Edges, by number of examples" : "Edge", {
    stacked: true, grid: { display: false },
    ticks: { display: !many, color: colours.soft, autoSkip: false, padding: 6, font: { size: Math.min(Chart.defaults.font.size, order.length > 24 ? 10 : 12) } },
  });
  const tooltip = { filter: item => item.raw > 0,
                    callbacks: { label: item => `Class ${item.dataset.label}: ${grouped(item.raw)}` } };
  const more = { indexAxis: many ? "x" : "y",
                 interaction: { mode: "index", intersect: false, axis: many ? "x" : "y" }, plugins: { tooltip } };
  return { type: "bar", data: { labels: order.map(i => names[i]), datasets },
           options: many ? options(colours, edge, amount, more) : options(colours, amount, edge, more) };
}

Object.assign(plots, {
  by_edge(data, colours) {
    const accuracies = data.edges.filter(edge => edge.accuracy !== null);
    const edges = accuracies.length > 0 ? accuracies : data.edges.filter(edge => edge.loss !== null);
    if (edges.length === 0)
      return null;
    const key = accuracies.length > 0 ? "accuracy" : "loss";
    const heading = key === "accuracy" ? "Accuracy by edge" : "Local loss by edge";
    const title = key === "accuracy" ? "Accuracy on the edge's own held-out examples" : "Last training loss (nats an example)";
    const values = edges.map(edge => edge[key]);
    const spread = `${plain(Math.min(...values))} to ${plain(Math.max(...values))}, median ${plain(median(values))}`;
    const note = `As last reported by ${grouped(edges.length)} edges: ${spread}.`;
    const colour = key === "accuracy" ? colours.orange : colours.purple;
    if (edges.length > data.drawn_max)
      return { heading, note, description: `${heading}: ${spread}.`, chart: histogram(colours, values, title, colour, false) };
    const tooltip = { callbacks: { label: item => plain(item.raw) } };
    const names = axis(colours, "Edge", { grid: { display: false },
      ticks: { color: colours.soft, autoSkip: false, padding: 6, font: { size: Math.min(Chart.defaults.font.size, edges.length > 24 ? 10 : 12) } } });
    const amount = axis(colours, title, { beginAtZero: true, suggestedMax: key === "accuracy" ? 1 : undefined });
    return {
      heading, note, rows: edges.length, description: `${heading}: ${spread}.`,
      chart: {
        type: "bar",
        data: { labels: edges.map(edge => edge.name),
                datasets: [{ data: values, backgroundColor: colour, barPercentage: 0.8, categoryPercentage: 0.9 }] },
        options: options(colours, amount, names, { indexAxis: "y", interaction: { mode: "index", intersect: false, axis: "y" },
                                                   plugins: { tooltip, legend: { display: false } } }),
      },
    };
  },

  labels(data, colours) {
    if (data.labels.length === 0)
      return null;
    const many = data.labels.length > data.drawn_max;
    const total = counts => counts.reduce((sum, count) => sum + count, 0);
    const order = data.labels.map((_, i) => i);
    if (many)
      order.sort((a, b) => total(data.labels[b]) - total(data.labels[a]));
    const names = data.labels.map((_, i) => data.label_names[i] || `${i + 1}`);
    return {
      rows: many ? 0 : data.labels.length,
      note: "Training examples of each class (legend) that an edge keeps to itself.",
      description: `Label distribution over ${data.labels.length} edges.`,
      chart: labels_config(data, colours, order, names, many),
    };
  },

  participation(data, colours) {
    if (data.edges.length === 0)
      return null;
    const description = `Participation of ${data.edges.length} edges over ${data.rounds.round.length} rounds.`;
    if (data.edges.length <= data.drawn_max)
      return { matrix: true, rows: data.edges.length, description, note: "" };
    const reported = data.edges.map(edge => edge.reported);
    return {
      description,
      note: `${grouped(reported.filter(count => count > 0).length)} of ${grouped(reported.length)} edges reported at least once; ` +
            `median ${median(reported)} rounds, most ${Math.max(...reported)}.`,
      chart: histogram(colours, reported, "Rounds reported", colours.blue, true),
    };
  },
});
