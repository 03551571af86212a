// Makes the report's figures react: values under the pointer, series that a click on the legend
// hides, one figure of several chosen by name. Each drawing stays for readers without scripts and
// for paper; Chart.js puts what Drawing.java worked out for both on the screen, and decides nothing.
(() => {
  const page = document.documentElement;
  const color = name => getComputedStyle(page).getPropertyValue(name).trim();
  const seriesColors = () => {
    const colors = [];
    for (let i = 0; color("--series-" + i); i++) colors.push(color("--series-" + i));
    return colors;
  };

  function scale(axis, lined, down = false) {
    return {
      display: axis.ticks.length > 0,
      type: axis.log ? "logarithmic" : "linear",
      min: axis.low,
      max: axis.high,
      reverse: down,
      title: {display: axis.label !== "" && !down, text: axis.label, color: color("--ink")},
      grid: {color: color("--grid"), display: lined},
      afterBuildTicks: own => {
        own.ticks = axis.ticks.map(tick => ({value: tick.at}));
      },
      ticks: {color: color("--ink"), autoSkip: false, maxRotation: 30,
        callback: value => axis.ticks.find(tick => tick.at === value)?.label ?? ""}
    };
  }

  /** Bands, bars and lines under the marks, all in the places that the data have for them. */
  const shapes = {
    id: "shapes",
    beforeDatasetsDraw(chart) {
      const figure = chart.$figure;
      if (!figure) return; // it is being made
      const {ctx, scales: {x, y}, chartArea: {left, top, width, height}} = chart;
      const pixel = figure.rows
        ? ([down, across]) => [x.getPixelForValue(across), y.getPixelForValue(down)]
        : ([across, up]) => [x.getPixelForValue(across), y.getPixelForValue(up)];
      const drawn = {bands: 0, bars: 0, lines: 0};
      const each = (kind, finish) => figure.traces.forEach((trace, i) => {
        if (!chart.isDatasetVisible(i)) return;
        ctx.strokeStyle = ctx.fillStyle = chart.data.datasets[i].borderColor;
        for (const shape of trace[kind]) {
          ctx.beginPath();
          shape.map(pixel).forEach(([right, down]) => ctx.lineTo(right, down));
          finish();
          drawn[kind]++;
        }
      });
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top, width, height);
      ctx.clip();
      ctx.strokeStyle = color("--grid");
      ctx.lineWidth = 1;
      for (const line of figure.frame) {
        ctx.beginPath();
        line.map(pixel).forEach(([right, down]) => ctx.lineTo(right, down));
        ctx.stroke();
      }
      ctx.globalAlpha = 0.18;
      each("bands", () => ctx.fill());
      ctx.globalAlpha = 1;
      ctx.lineWidth = 1.5;
      each("bars", () => ctx.stroke());
      ctx.lineWidth = 2;
      each("lines", () => ctx.stroke());
      ctx.restore();
      chart.$drawn = drawn;
    },
    afterDatasetsDraw(chart) {
      const figure = chart.$figure;
      if (!figure) return; // it is being made
      const {ctx, scales: {x, y}} = chart;
      ctx.fillStyle = color("--ink");
      ctx.textBaseline = "middle";
      for (const text of figure.texts) {
        ctx.textAlign = Math.abs(text.x) < 0.3 ? "center" : text.x > 0 ? "left" : "right";
        ctx.fillText(text.says, x.getPixelForValue(text.x), y.getPixelForValue(text.y));
      }
      figure.traces.forEach((trace, i) => {
        if (!chart.isDatasetVisible(i) || !trace.marked) return;
        const mark = new Path2D(trace.path);
        chart.getDatasetMeta(i).data.forEach((point, j) => {
          ctx.save();
          ctx.translate(point.x, point.y);
          ctx.lineWidth = 1.5;
          ctx.strokeStyle = chart.data.datasets[i].borderColor;
          ctx.fillStyle = trace.dots[j].hollow ? color("--back") : ctx.strokeStyle;
          ctx.fill(mark);
          ctx.stroke(mark);
          ctx.restore();
        });
      });
    }
  };

  const datasets = figure => {
    const colors = seriesColors();
    return figure.traces.map(trace => ({
      label: trace.name,
      borderColor: colors[trace.color % colors.length],
      backgroundColor: colors[trace.color % colors.length],
      pointRadius: 0,
      pointHoverRadius: 0,
      pointHitRadius: 10,
      data: trace.dots.map(dot => figure.rows ? {x: dot.y, y: dot.x, dot} : {x: dot.x, y: dot.y, dot})
    }));
  };

  const scales = figure => figure.rows
    ? {x: scale(figure.y, true), y: scale(figure.x, true, true)}
    : {x: scale(figure.x, false), y: scale(figure.y, true)};

  function draw(canvas, figure) {
    const chart = new Chart(canvas, {
      type: "scatter",
      data: {datasets: []},
      plugins: [shapes],
      options: {
        animation: false,
        maintainAspectRatio: false,
        plugins: {
          legend: {display: false},
          tooltip: {callbacks: {
            title: items => items.length === 0 ? "" : items[0].raw.dot.at,
            label: item => `${item.dataset.label}: ${item.raw.dot.says}`
          }}
        }
      }
    });
    show(chart, figure);
    return chart;
  }

  /** Puts a figure into a chart; series that a reader has hidden stay so, by their places. */
  function show(chart, figure) {
    const hidden = chart.data.datasets.map((own, i) => !chart.isDatasetVisible(i));
    chart.$figure = figure;
    chart.data.datasets = datasets(figure);
    chart.options.scales = scales(figure);
    hidden.forEach((is, i) => chart.setDatasetVisibility(i, !is));
    chart.update();
  }

  /** A button for each series, which hides it. */
  function legend(figure, chart) {
    const list = document.createElement("div");
    list.className = "legend";
    figure.traces.forEach((trace, i) => {
      const button = document.createElement("button");
      button.type = "button";
      button.setAttribute("aria-pressed", "true");
      const name = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      name.setAttribute("viewBox", "-6 -6 12 12");
      name.setAttribute("aria-hidden", "true");
      const mark = document.createElementNS("http://www.w3.org/2000/svg", "path");
      mark.setAttribute("d", trace.marked ? trace.path : "M-6 -1L6 -1L6 1L-6 1z");
      mark.style.fill = `var(--series-${trace.color % seriesColors().length})`;
      name.append(mark);
      button.append(name, trace.name);
      button.addEventListener("click", () => {
        const shown = !chart().isDatasetVisible(i);
        chart().setDatasetVisibility(i, shown);
        chart().update();
        button.setAttribute("aria-pressed", String(shown));
      });
      list.append(button);
    });
    return list;
  }

  function enliven(element) {
    if (!element.dataset.figure) return; // a surface: its values stand in its cells
    const figure = JSON.parse(element.dataset.figure);
    const drawing = element.querySelector(".drawing");
    const {width, height} = drawing.querySelector("svg")?.viewBox.baseVal ?? {width: 3, height: 2};
    const live = document.createElement("div");
    live.className = "live";
    const frame = document.createElement("div");
    frame.className = "frame";
    frame.style.aspectRatio = figure.frame.length ? "1.2" : `${width} / ${height}`;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", drawing.getAttribute("aria-label"));
    frame.append(canvas);
    let chart;
    if (figure.traces.length > 1) live.append(legend(figure, () => chart));
    live.append(frame);
    drawing.after(live);
    chart = draw(canvas, figure);
    element.show = newer => {
      show(chart, newer);
      canvas.setAttribute("aria-label", drawing.getAttribute("aria-label"));
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => show(chart, chart.$figure));
  }

  /** One figure of several, by its title. */
  function chooser(group) {
    const figures = [...group.querySelectorAll("figure")];
    if (figures.length < 2) return;
    const label = document.createElement("label");
    label.className = "chooser soft";
    const select = document.createElement("select");
    select.add(new Option(`all ${figures.length} figures`, ""));
    figures.forEach((figure, i) =>
      select.add(new Option(figure.querySelector("strong").textContent.replace(/\.$/, ""), i)));
    select.addEventListener("change", () => figures.forEach((figure, i) => {
      figure.hidden = select.value !== "" && select.value !== String(i);
    }));
    label.append("Show ", select);
    group.before(label);
  }

  /** Shows the choice with the lowest sum of values, each times its slider's weight. */
  function weigh(element) {
    const {measures, choices} = JSON.parse(element.dataset.weighing);
    const sliders = [...element.querySelectorAll("input")];
    const worth = ({values}) => values.reduce((sum, value, i) => sum + sliders[i].value * value, 0);
    const show = () => {
      const best = choices.reduce((one, other) => worth(other) < worth(one) ? other : one);
      sliders.forEach(slider => { slider.nextElementSibling.value = slider.value; });
      element.lastElementChild.textContent = sliders.every(slider => slider.value === "0")
        ? "Nothing counts."
        : `${best.name}. ${measures.map((measure, i) => `${measure} ${best.texts[i]}`).join("; ")}`;
    };
    sliders.forEach(slider => slider.addEventListener("input", show));
    element.hidden = false;
    show();
  }

  /** A table that has more to the right shows it, until its end is in sight. */
  function shade(table) {
    const mark = () => table.classList.toggle(
      "more", table.scrollLeft + table.clientWidth < table.scrollWidth - 2);
    table.addEventListener("scroll", mark, {passive: true});
    new ResizeObserver(mark).observe(table);
  }

  /** A link to a fold opens it. */
  function unfold() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    if (target?.closest("details")) target.closest("details").scrollIntoView();
  }

  /** A page that is served is told what is new; the server has made and escaped all of it. */
  if (page.dataset.events) {
    const events = new EventSource(page.dataset.events);
    const lost = () => page.classList.toggle("is-lost", events.readyState !== EventSource.OPEN);
    events.addEventListener("open", lost);
    events.addEventListener("error", lost);
    events.addEventListener("reload", () => {
      events.close(); // what follows is of the page to come
      location.reload();
    });
    events.addEventListener("part", event => {
      const {id, html} = JSON.parse(event.data);
      const part = document.getElementById(id);
      const open = [...part.querySelectorAll("details")].map(fold => fold.open);
      part.innerHTML = html;
      part.querySelectorAll("details").forEach((fold, i) => { fold.open = open[i] ?? false; });
      part.querySelectorAll(".wide").forEach(shade);
    });
    events.addEventListener("figure", event => {
      const {id, figure, caption} = JSON.parse(event.data);
      const element = document.getElementById(id);
      const text = element.querySelector(".caption");
      text.innerHTML = caption;
      element.querySelector(".drawing").setAttribute("aria-label", text.textContent);
      element.dataset.figure = JSON.stringify(figure);
      element.show?.(figure);
    });
  }
  page.classList.add("reacts");
  // A figure in a fold has no size before it opens; one far below need not be drawn yet.
  const seen = new IntersectionObserver(entries => {
    for (const entry of entries.filter(each => each.isIntersecting)) {
      seen.unobserve(entry.target);
      enliven(entry.target);
    }
  }, {rootMargin: "400px"});
  document.querySelectorAll("figure").forEach(figure => seen.observe(figure));
  document.querySelectorAll(".wide").forEach(shade);
  document.querySelectorAll(".figures").forEach(chooser);
  document.querySelectorAll(".weighing").forEach(weigh);
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();
})();
