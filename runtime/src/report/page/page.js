// Puts the plots on the page: with the colours of the page's style, again when those change, and light ones on paper.
"use strict";

(() => {
  const data = JSON.parse(document.getElementById("run").textContent);
  let charts = [];

  function colours_now() {
    const style = getComputedStyle(document.documentElement);
    const value = name => style.getPropertyValue(`--${name}`).trim();
    const colours = {};
    for (const name of ["card", "ink", "soft", "rule", "grid", "blue", "orange", "green", "amber", "purple", "spare", "empty"])
      colours[name] = value(name);
    colours.classes = value("classes").split(/\s+/);
    return colours;
  }

  const text_size = () => (document.documentElement.hasAttribute("data-paper") ? 9 : 12);

  // A coloured word for each kind of cell.
  function matrix_key(place, colours) {
    const kinds = [["reported", colours.blue], ["declined", colours.amber], ["let go", colours.spare],
                   ["dropped out", colours.orange], ["not invited", colours.empty]];
    const key = document.createElement("span");
    key.className = "key";
    for (const [text, colour] of kinds) {
      const one = document.createElement("span");
      one.textContent = text;
      one.style.setProperty("--swatch", colour);
      key.append(one);
    }
    place.replaceChildren(key);
  }

  const cell_kinds = [["r", "reported", "blue"], ["d", "declined", "amber"], ["s", "let go", "spare"], ["x", "dropped out", "orange"]];

  // Where the cells of the matrix lie on a canvas of this size. A cell stands for several rounds where one each would
  // be thinner than three pixels.
  function matrix_layout(context, width, height) {
    const longest = Math.max(...data.edges.map(edge => context.measureText(edge.name).width));
    const left = Math.min(Math.ceil(longest), width / 3) + 10;
    const rounds = data.rounds.round.length;
    const group = Math.max(1, Math.ceil(rounds / Math.max(1, (width - left) / 3)));
    const columns = Math.ceil(rounds / group);
    const bottom = height - 38;
    return { left, group, columns, bottom, cell: (width - left) / columns, row: bottom / data.edges.length };
  }

  function draw_matrix(canvas, colours) {
    const { clientWidth: width, clientHeight: height } = canvas.parentElement;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = width * ratio;
    canvas.height = height * ratio;
    canvas.style.width = "100%";
    canvas.style.height = "100%";
    const context = canvas.getContext("2d");
    context.scale(ratio, ratio);
    const font = getComputedStyle(document.body).fontFamily;
    context.font = `${data.edges.length > 24 ? Math.min(10, text_size()) : text_size()}px ${font}`;
    const place = matrix_layout(context, width, height);
    const gap = place.cell > 6 ? 1 : 0;
    context.textBaseline = "middle";
    data.edges.forEach((edge, r) => {
      const top = r * place.row;
      context.textAlign = "right";
      context.fillStyle = colours.soft;
      context.fillText(edge.name, place.left - 8, top + place.row / 2, place.left - 10);
      for (let c = 0; c < place.columns; ++c) {
        const cells = edge.cells.slice(c * place.group, (c + 1) * place.group);
        let low = top + place.row - 1;
        context.fillStyle = colours.empty;
        context.fillRect(place.left + c * place.cell, top, place.cell - gap, place.row - 1);
        for (const [letter, , colour] of cell_kinds) {
          const share = [...cells].filter(found => found === letter).length / cells.length;
          context.fillStyle = colours[colour];
          low -= share * (place.row - 1);
          context.fillRect(place.left + c * place.cell, low, place.cell - gap, share * (place.row - 1));
        }
      }
    });
    draw_matrix_axis(context, colours, place, width, height);
  }

  function draw_matrix_axis(context, colours, place, width, height) {
    const rounds = data.rounds.round;
    const scale = {};
    round_axis(colours, rounds).afterBuildTicks(scale);
    context.font = `${text_size()}px ${getComputedStyle(document.body).fontFamily}`;
    context.fillStyle = colours.soft;
    context.textAlign = "center";
    for (const { value } of scale.ticks) {
      const at = rounds.indexOf(value);
      if (at >= 0)
        context.fillText(`${value}`, place.left + (Math.floor(at / place.group) + 0.5) * place.cell, place.bottom + 10);
    }
    context.fillText("Round", place.left + (width - place.left) / 2, height - 8);
  }

  // Says the cell under the pointer.
  function matrix_title(canvas, event) {
    const box = canvas.getBoundingClientRect();
    const place = matrix_layout(canvas.getContext("2d"), box.width, box.height);
    const edge = data.edges[Math.floor((event.clientY - box.top) / place.row)];
    const first = Math.floor((event.clientX - box.left - place.left) / place.cell) * place.group;
    if (!edge || first < 0 || first >= edge.cells.length)
      return "";
    const last = Math.min(first + place.group, edge.cells.length) - 1;
    const cells = [...edge.cells.slice(first, last + 1)];
    const counts = cell_kinds.map(([letter, text]) => [text, cells.filter(found => found === letter).length])
      .filter(([, count]) => count > 0).map(([text, count]) => (cells.length > 1 ? `${count} ${text}` : text));
    const rounds = data.rounds.round;
    const when = first === last ? `round ${rounds[first]}` : `rounds ${rounds[first]} to ${rounds[last]}`;
    return `${edge.name}, ${when}: ${counts.join(", ") || "not invited"}`;
  }

  function size(figure, plot) {
    if (plot.rows > 12)
      figure.querySelector(".canvas").style.height = `${plot.rows * (plot.rows > 24 ? 14 : 22) + 60}px`;
  }

  function draw(figure, colours) {
    const is_empty = data.rounds && data.rounds.round.length === 0;
    const plot = is_empty ? null : plots[figure.dataset.plot](data, colours);
    figure.hidden = plot === null;
    if (plot === null)
      return;
    const canvas = figure.querySelector("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", plot.description);
    if (plot.heading)
      figure.querySelector("h3").textContent = plot.heading;
    size(figure, plot);
    if (plot.matrix) {
      matrix_key(figure.querySelector("figcaption p"), colours);
      draw_matrix(canvas, colours);
      canvas.onmousemove = event => { canvas.title = matrix_title(canvas, event); };
      return;
    }
    figure.querySelector("figcaption p").textContent = plot.note;
    charts.push(new Chart(canvas, plot.chart));
  }

  function draw_all() {
    charts.forEach(chart => chart.destroy());
    charts = [];
    const colours = colours_now();
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = text_size();
    for (const figure of document.querySelectorAll("[data-plot]"))
      draw(figure, colours);
    for (const section of document.querySelectorAll("main > section")) {
      const figures = [...section.querySelectorAll("figure")];
      const shown = figures.filter(figure => !figure.hidden);
      section.hidden = figures.length > 0 && shown.length === 0;
      shown.forEach((figure, i) => figure.classList.toggle("wide", i + 1 === shown.length && i % 2 === 0));
    }
    charts.forEach(chart => chart.resize());
  }

  function on_paper(paper) {
    document.documentElement.toggleAttribute("data-paper", paper);
    for (const details of document.querySelectorAll("details"))
      if (paper)
        details.open = true;
    draw_all();
  }

  let width = window.innerWidth;
  window.addEventListener("resize", () => {
    if (window.innerWidth !== width)
      draw_all(); // the matrix is drawn by hand, and figures may have changed places
    width = window.innerWidth;
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw_all);
  window.addEventListener("beforeprint", () => on_paper(true));
  window.addEventListener("afterprint", () => on_paper(false));
  draw_all();
})();
