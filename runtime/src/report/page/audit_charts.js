// What the plots of an audit show: scores of canaries that were there and that were not, and the errors of who tells them
// apart, beside what is claimed.
"use strict";

function audit_plot(colours, datasets, x, y) {
  const tooltip = { callbacks: {
    title: items => `${x.title.text}: ${plain(items[0].parsed.x)}`,
    label: item => `${item.dataset.label}: ${plain(item.parsed.y)}`,
  } };
  return { data: { datasets }, options: options(colours, { type: "linear", ...x }, y, { plugins: { tooltip } }) };
}

Object.assign(plots, {
  scores(data, colours) {
    const { score, was_in, was_out, claimed_in, claimed_out } = data.scores;
    const bare = { pointRadius: 0, borderDash: [5, 4], borderWidth: 1.5, fill: false };
    const filled = { pointRadius: 0, stepped: "middle", fill: "origin", borderWidth: 1 };
    const soft = colour => ({ backgroundColor: see_through(colour, 0.25) });
    return {
      chart: audit_plot(colours, [
        line("Update was there", score, was_in, colours.blue, { ...filled, ...soft(colours.blue) }),
        line("Update was nothing", score, was_out, colours.orange, { ...filled, ...soft(colours.orange) }),
        line("Claimed, there", score, claimed_in, colours.blue, bare),
        line("Claimed, nothing", score, claimed_out, colours.orange, bare),
      ], axis(colours, "Change of the model (clip norms)"), axis(colours, "Share of trials", { beginAtZero: true })),
      note: "One trial is one model. Dashed: noise as it is claimed.",
      description: `Shares of ${data.trials} trials by how far the model moved along the canary's update.`,
    };
  },

  errors(data, colours) {
    const { false_positives, false_negatives, claimed, bounds } = data.errors;
    const dots = { showLine: false, pointRadius: 5, pointStyle: "rectRot" };
    return {
      chart: audit_plot(colours, [
        line("Seen", false_positives, false_negatives, colours.blue, { pointRadius: 0 }),
        line("Claimed: no test does better", claimed.false_positives, claimed.false_negatives, colours.orange,
             { pointRadius: 0, borderDash: [5, 4] }),
        line("At most, with the stated confidence", bounds.false_positives, bounds.false_negatives, colours.purple, dots),
      ], axis(colours, "Taken for there (share of those that were not)", { min: 0, max: 1 }),
      axis(colours, "Overlooked (share of those that were)", { min: 0, max: 1 })),
      note: "A bound below the dashed line contradicts the claim.",
      description: "Error rates of guessing whether a canary's update was there, at every threshold, beside the claimed ones.",
    };
  },
});
