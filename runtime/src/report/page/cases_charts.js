// What the plots of several runs show: a colour a case, a line for the mean of its runs, a band from the least to the most.
"use strict";

// The scheme's colours for series first, then those for classes.
function case_colour(colours, i) {
  const shades = [colours.blue, colours.orange, colours.green, colours.purple, colours.amber, ...colours.classes];
  return shades[i % shades.length];
}

const case_label = one => (one.runs > 1 ? `${one.name} (${one.runs} runs)` : one.name);

function case_plot(data, colours, what, title, note, more = {}) {
  const shown = data.cases.filter(one => one[what].round.length > 0);
  if (shown.length === 0)
    return null;
  const datasets = data.cases.flatMap((one, i) => {
    const { round, mean, least, most } = one[what];
    if (round.length === 0)
      return [];
    const colour = case_colour(colours, i);
    const drawn = [line(case_label(one), round, mean, colour)];
    if (one.runs > 1) {
      const edge = { pointRadius: 0, pointHitRadius: 0, borderWidth: 0, is_band: true };
      drawn.push(line("", round, most, colour, { ...edge, fill: false }),
                 line("", round, least, colour, { ...edge, fill: "-1", backgroundColor: see_through(colour, 0.15) }));
    }
    return drawn;
  });
  const chart = round_plot(data, colours, datasets, axis(colours, title, more), value => plain(value));
  chart.options.plugins.legend.labels.filter = (item, all) => !all.datasets[item.datasetIndex].is_band;
  chart.options.plugins.tooltip.filter = item => !item.dataset.is_band;
  const ends = shown.map(one => `${one.name} ${plain(last_known(one[what].mean))}`).join(", ");
  return { chart, note, description: `${title} by round; at the end: ${ends}.` };
}

// A rule from the least to the most of a bar's runs.
const whiskers = {
  id: "whiskers",
  afterDatasetsDraw(chart) {
    const { ctx, scales } = chart;
    const set = chart.data.datasets[0];
    ctx.save();
    ctx.strokeStyle = set.ink;
    ctx.lineWidth = 1.2;
    chart.getDatasetMeta(0).data.forEach((bar, i) => {
      const [low, high] = [set.least[i], set.most[i]].map(value => scales.x.getPixelForValue(value));
      ctx.beginPath();
      ctx.moveTo(low, bar.y);
      ctx.lineTo(high, bar.y);
      for (const end of [low, high]) {
        ctx.moveTo(end, bar.y - 5);
        ctx.lineTo(end, bar.y + 5);
      }
      ctx.stroke();
    });
    ctx.restore();
  },
};

Object.assign(plots, {
  case_accuracy: (data, colours) =>
    case_plot(data, colours, "accuracy", "Accuracy (share of examples)",
              "Share of examples whose label the model finds.", { grace: "4%" }),

  case_loss: (data, colours) =>
    case_plot(data, colours, "loss", "Loss (nats an example)", "Mean cross-entropy; of the training where no model was tested."),

  case_epsilon: (data, colours) =>
    case_plot(data, colours, "epsilon", "Epsilon", "What the models so far tell of the edge that was in most of them.",
              { beginAtZero: true, grace: "4%" }),

  case_ends(data, colours) {
    const shown = data.cases.map((one, i) => ({ one, colour: case_colour(colours, i) }))
      .filter(({ one }) => one.accuracy.round.length > 0);
    if (shown.length === 0)
      return null;
    const end = what => shown.map(({ one }) => last_known(one.accuracy[what]));
    const [mean, least, most] = ["mean", "least", "most"].map(end);
    const tooltip = { callbacks: { label: item => {
      const i = item.dataIndex;
      return `${plain(mean[i])} (${plain(least[i])} to ${plain(most[i])})`;
    } } };
    // Bars that begin at 0 would all look alike, so they begin near the least one.
    const from = Math.max(0, Math.floor((Math.min(...least) - 0.02) * 20) / 20);
    return {
      rows: shown.length,
      chart: {
        type: "bar",
        data: { labels: shown.map(({ one }) => case_label(one)),
                datasets: [{ data: mean, least, most, ink: colours.ink, base: from,
                             backgroundColor: shown.map(({ colour }) => colour), barPercentage: 0.7 }] },
        options: options(colours, axis(colours, "Accuracy (share of examples)", { min: from }),
                         axis(colours, "", { grid: { display: false } }),
                         { indexAxis: "y", plugins: { tooltip, legend: { display: false } } }),
        plugins: [whiskers],
      },
      note: from > 0 ? `After the last round that was tested. The axis begins at ${plain(from)}.` : "After the last round that was tested.",
      description: `Accuracy at the end: ${shown.map(({ one }, i) => `${one.name} ${plain(mean[i])}`).join(", ")}.`,
    };
  },
});
