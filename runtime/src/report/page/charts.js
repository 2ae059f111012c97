// What the plots show: each function takes the run's data and the colours, and gives a Chart.js configuration with a
// note and a description for readers who do not see it; or null where the run has nothing to show.
"use strict";

const bars_max = 80; // bars in a plot by round; more rounds are drawn as means of groups of them
const points_max = 60; // rounds whose points are marked

const known = values => values.some(value => value !== null && value !== undefined);
const last_known = values => values.reduce((last, value) => (value === null ? last : value), null);
const plain = (value, digits = 4) => (value === null ? "unknown" : Number(value.toFixed(digits)).toString());
const grouped = value => value.toLocaleString("en-US", { maximumFractionDigits: 2 });
const see_through = (colour, share) =>
  colour + Math.round(share * 255).toString(16).padStart(2, "0");

// The least of 1, 2, 5, 10, 20, 50, … (and of 0.5, 0.2, 0.1, …) that is not below this size.
function round_step(size) {
  const power = 10 ** Math.floor(Math.log10(size));
  return [1, 2, 5, 10].map(factor => factor * power).find(step => step >= size * (1 - 1e-9));
}

// The unit in which the greatest of these values has one to three digits before its point.
function unit_for(values, names) {
  let most = Math.max(0, ...values.filter(value => value !== null));
  let unit = 0;
  for (; most >= 1000 && unit + 1 < names.length; ++unit)
    most /= 1000;
  return { name: names[unit], scale: 1000 ** unit };
}

function axis(colours, title, more = {}) {
  return {
    title: { display: true, text: title, color: colours.soft },
    grid: { color: colours.grid, drawTicks: false },
    border: { color: colours.rule },
    ticks: { color: colours.soft, padding: 6, maxRotation: 0 },
    ...more,
  };
}

// Whole rounds at even steps: 1, 5, 10, 15, … or 1, 100, 200, …
function round_axis(colours, rounds, more = {}) {
  const first = rounds[0];
  const last = rounds[rounds.length - 1];
  const step = Math.max(1, round_step(Math.max(1, last - first) / 12));
  return axis(colours, "Round", {
    type: "linear", min: first - 0.5, max: last + 0.5, offset: false,
    grid: { display: false },
    afterBuildTicks: scale => {
      const marks = [{ value: first }];
      for (let at = Math.ceil((first + step / 2) / step) * step; at <= last; at += step)
        marks.push({ value: at });
      scale.ticks = marks;
    },
    ...more,
  });
}

// Marks abandoned rounds as faint bands behind the series.
function abandoned_bands(data, colours) {
  return {
    id: "abandoned_bands",
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales } = chart;
      ctx.save();
      ctx.fillStyle = see_through(colours.orange, 0.16);
      data.rounds.round.forEach((round, i) => {
        if (data.rounds.committed[i])
          return;
        const left = scales.x.getPixelForValue(round - 0.5);
        const width = Math.max(1, scales.x.getPixelForValue(round + 0.5) - left);
        ctx.fillRect(left, area.top, width, area.bottom - area.top);
      });
      ctx.restore();
    },
  };
}

function abandoned_note(data) {
  const count = data.rounds.committed.filter(committed => !committed).length;
  return count === 0 ? "" : ` Shaded: ${count} abandoned.`;
}

function options(colours, x, y, more = {}) {
  return {
    responsive: true, maintainAspectRatio: false, animation: false, normalized: true,
    interaction: { mode: "index", intersect: false },
    scales: { x, y },
    ...more,
    plugins: {
      legend: {
        position: "bottom", align: "start",
        labels: { color: colours.ink, boxWidth: 12, boxHeight: 12, padding: 14, usePointStyle: false },
      },
      ...more.plugins,
    },
  };
}

function line(label, rounds, values, colour, more = {}) {
  const few = rounds.length <= points_max;
  return {
    type: "line", label, data: rounds.map((x, i) => ({ x, y: values[i] })), borderColor: colour, backgroundColor: colour,
    borderWidth: few ? 2 : 1.5, pointRadius: few ? 2 : 0, pointHitRadius: 8, spanGaps: true, tension: 0, ...more,
  };
}

// How many rounds one bar stands for.
const group_of = rounds => Math.max(1, round_step(Math.max(1, rounds.length / bars_max)));

// Values of a round as bars, or their means over groups of rounds where there are too many to tell apart.
function bars(label, rounds, values, colour, colours, stacked) {
  const group = group_of(rounds);
  const data = [];
  for (let from = 0; from < rounds.length; from += group) {
    const part = values.slice(from, from + group).map(value => value || 0);
    const last = rounds[Math.min(from + group, rounds.length) - 1];
    data.push({ x: (rounds[from] + last) / 2, y: part.reduce((sum, value) => sum + value, 0) / part.length,
                first: rounds[from], last });
  }
  return { type: "bar", label, data, backgroundColor: colour, borderColor: colours.card,
           borderWidth: stacked ? { top: 1 } : 0, barPercentage: stacked ? 0.9 : 0.95, categoryPercentage: 0.85 };
}

function group_note(rounds) {
  const group = group_of(rounds);
  return group > 1 ? ` Bars: means of ${group} rounds.` : "";
}

function round_title(items) {
  const { x, first = x, last = x } = items.length ? items[0].raw : { x: "" };
  return first === last ? `Round ${first}` : `Mean of rounds ${first} to ${last}`;
}

function round_plot(data, colours, datasets, y, format) {
  const tooltip = { callbacks: {
    title: round_title,
    label: item => `${item.dataset.label}: ${format(item.parsed.y)}`,
  } };
  const stacked = Boolean(y.stacked);
  return {
    data: { datasets },
    options: options(colours, round_axis(colours, data.rounds.round, { stacked }), y, { plugins: { tooltip } }),
    plugins: [abandoned_bands(data, colours)],
  };
}

const plots = {
  accuracy(data, colours) {
    const { round, test_accuracy, federated_accuracy } = data.rounds;
    const datasets = [];
    if (known(test_accuracy))
      datasets.push(line("Central, held-out set", round, test_accuracy, colours.blue));
    if (known(federated_accuracy))
      datasets.push(line("Federated, mean over edges", round, federated_accuracy, colours.orange, { pointStyle: "rect" }));
    if (datasets.length === 0)
      return null;
    if (data.target !== null)
      datasets.push(line("Target", round, round.map(() => data.target), colours.soft,
                         { borderDash: [5, 4], pointRadius: 0, borderWidth: 1.2 }));
    const y = axis(colours, "Accuracy (share of examples)", { suggestedMax: Math.min(1, data.target || 0), grace: "4%" });
    const ends = [["central", test_accuracy], ["federated", federated_accuracy]].filter(end => known(end[1]))
      .map(([kind, values]) => `${kind} ${plain(last_known(values))}`).join(", ");
    return {
      chart: round_plot(data, colours, datasets, y, value => plain(value)),
      note: "Share of examples whose label the model finds." + abandoned_note(data),
      description: `Accuracy over ${round.length} rounds; at the end: ${ends}.`,
    };
  },

  loss(data, colours) {
    const { round, train_loss, test_loss, federated_loss } = data.rounds;
    const datasets = [];
    if (known(train_loss))
      datasets.push(line("Train, mean over reporters", round, train_loss, colours.purple));
    if (known(test_loss))
      datasets.push(line("Test, central", round, test_loss, colours.blue));
    if (known(federated_loss))
      datasets.push(line("Test, federated", round, federated_loss, colours.orange, { pointStyle: "rect" }));
    if (datasets.length === 0)
      return null;
    return {
      chart: round_plot(data, colours, datasets, axis(colours, "Loss (nats an example)"), value => plain(value)),
      note: "Mean cross-entropy." + abandoned_note(data),
      description: `Loss over ${round.length} rounds; at the end: train ${plain(last_known(train_loss))}, ` +
                   `test ${plain(last_known(test_loss))}.`,
    };
  },

  epsilon(data, colours) {
    const { round, epsilon } = data.rounds;
    if (!known(epsilon))
      return null;
    const datasets = [line("Spent", round, epsilon, colours.purple)];
    if (data.epsilon_limit !== null)
      datasets.push(line("Budget", round, round.map(() => data.epsilon_limit), colours.soft,
                         { borderDash: [5, 4], pointRadius: 0, borderWidth: 1.2 }));
    const y = axis(colours, `Epsilon at delta ${data.delta}`, { beginAtZero: true, grace: "4%" });
    return {
      chart: round_plot(data, colours, datasets, y, value => plain(value)),
      note: "What the models so far tell of the edge that was in most of them." + abandoned_note(data),
      description: `Epsilon over ${round.length} rounds; at the end: ${plain(last_known(epsilon))}.`,
    };
  },

  clip_norm(data, colours) {
    const { round, clip_norm } = data.rounds;
    if (!known(clip_norm))
      return null;
    const y = axis(colours, "L2 norm", { beginAtZero: true, grace: "4%" });
    return {
      chart: round_plot(data, colours, [line("Clip norm", round, clip_norm, colours.blue)], y, value => plain(value)),
      note: "What each edge's update was cut to. It follows their lengths, by a count with noise." + abandoned_note(data),
      description: `Clip norm over ${round.length} rounds; at the end: ${plain(last_known(clip_norm))}.`,
    };
  },

  outcomes(data, colours) {
    const { round, reported, declined, let_go, dropped } = data.rounds;
    if (![reported, declined, let_go, dropped].some(values => values.some(value => value > 0)))
      return null;
    const datasets = [["Reported", reported, colours.blue], ["Declined", declined, colours.amber],
                      ["Let go", let_go, colours.spare], ["Dropped out", dropped, colours.orange]]
      .filter(([, values]) => values.some(value => value > 0))
      .map(([label, values, colour]) => bars(label, round, values, colour, colours, true));
    const y = axis(colours, "Edges", { stacked: true, beginAtZero: true, ticks: { color: colours.soft, precision: 0, padding: 6 } });
    return {
      chart: round_plot(data, colours, datasets, y, value => grouped(value)),
      note: "How it ended for each of them." + (let_go.some(count => count > 0) ? " Let go: no fault of theirs." : "") +
            group_note(round) + abandoned_note(data),
      description: `Invited edges by outcome over ${round.length} rounds.`,
    };
  },

  presence(data, colours) {
    const { presence } = data;
    if (presence === null)
      return null;
    const last = Math.max(...presence.seconds, ...presence.ended);
    const unit = last >= 2 * 3600 ? { name: "h", scale: 3600 } : { name: "min", scale: 60 };
    const at = values => values.map(value => value / unit.scale);
    const marks = { showLine: false, pointRadius: 3 };
    const datasets = [line("Connected", at(presence.seconds), presence.connected, colours.spare, { pointRadius: 0 }),
                      line("Able to work", at(presence.seconds), presence.able, colours.blue, { pointRadius: 0 }),
                      line("Invited to a round", at(presence.ended), presence.invited, colours.amber, { ...marks, pointStyle: "rect" }),
                      line("Reported in it", at(presence.ended), presence.reported, colours.orange, marks)];
    const hours = value => `${grouped(value)} ${unit.name}`;
    const x = axis(colours, `Virtual time (${unit.name}; the run begins at noon)`, { type: "linear", min: 0, max: last / unit.scale });
    const y = axis(colours, "Edges", { beginAtZero: true });
    const tooltip = { callbacks: { title: items => (items.length ? hours(items[0].parsed.x) : "") } };
    return {
      chart: { data: { datasets },
               options: options(colours, x, y, { interaction: { mode: "nearest", intersect: false }, plugins: { tooltip } }) },
      note: "Edges that were connected, and would not decline, by virtual time; a mark where a round ended.",
      description: `Edges that were there over ${hours(last / unit.scale)}: able to work ${Math.min(...presence.able)} to ` +
                   `${Math.max(...presence.able)}.`,
    };
  },

  traffic(data, colours) {
    const { round, bytes_up, bytes_down } = data.rounds;
    if (![...bytes_up, ...bytes_down].some(value => value > 0))
      return null;
    const unit = unit_for([...bytes_up, ...bytes_down], ["B", "kB", "MB", "GB", "TB"]);
    const scaled = values => values.map(value => value / unit.scale);
    const datasets = [bars("Up (updates)", round, scaled(bytes_up), colours.blue, colours, false),
                      bars("Down (models)", round, scaled(bytes_down), colours.amber, colours, false)];
    const y = axis(colours, `Payload (${unit.name})`, { beginAtZero: true });
    return {
      chart: round_plot(data, colours, datasets, y, value => `${grouped(value)} ${unit.name}`),
      note: "Payload of updates and models." + group_note(round) + abandoned_note(data),
      description: `Payload bytes up and down over ${round.length} rounds, in ${unit.name}.`,
    };
  },

  phases(data, colours) {
    const { round, recruiting, collecting, releasing } = data.rounds;
    const totals = round.map((_, i) => (recruiting[i] || 0) + (collecting[i] || 0) + (releasing[i] || 0));
    if (!totals.some(value => value > 0))
      return null;
    const small = Math.max(...totals) < 1;
    const scaled = values => values.map(value => (value || 0) * (small ? 1000 : 1));
    const unit = small ? "ms" : "s";
    const datasets = [["Recruiting", recruiting, colours.amber], ["Collecting", collecting, colours.blue],
                      ["Releasing", releasing, colours.green]]
      .map(([label, values, colour]) => bars(label, round, scaled(values), colour, colours, true));
    const y = axis(colours, `Duration (${unit})`, { stacked: true, beginAtZero: true });
    return {
      chart: round_plot(data, colours, datasets, y, value => `${grouped(value)} ${unit}`),
      note: "Phases of a round." + group_note(round) + abandoned_note(data),
      description: `Duration of the phases over ${round.length} rounds, in ${unit}.`,
    };
  },
};
