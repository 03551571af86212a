// Makes the report's figures react: values under the pointer, series that a click on the legend
// hides, one figure of several chosen by name. Each drawing stays for readers without scripts and
// for paper; figures are drawn by Chart.js from the data beside them.
(() => {
  const shares = 4; // ratio of neighbouring ticks of shares, as Axis.FRACTION_STEP
  const marks = ["circle", "rect", "triangle", "rectRot", "crossRot"];
  const page = document.documentElement;
  const color = name => getComputedStyle(page).getPropertyValue(name).trim();
  const seriesColors = () => {
    const colors = [];
    for (let i = 0; color("--series-" + i); i++) colors.push(color("--series-" + i));
    return colors;
  };
  const short = value => String(Number(value.toPrecision(4)));

  function text(axis, value) {
    if (axis.scale === "CATEGORIES") return axis.categories[Math.round(value)] ?? "";
    if (axis.scale !== "FRACTION") return short(value);
    if (value === axis.zero) return "0";
    return value >= 1 ? short(value) : "1/" + short(1 / value);
  }

  /** Where a value is drawn: 0 has a place of its own on an axis of shares. */
  const place = (axis, value) => value === 0 && Number.isFinite(axis.zero) ? axis.zero : value;

  /** @param ends of the points' intervals on this axis */
  function scale(axis, rows, ends) {
    const common = {
      suggestedMin: Math.min(...ends),
      suggestedMax: Math.max(...ends),
      title: {display: !rows, text: axis.label, color: color("--ink")},
      grid: {color: color("--grid")},
      ticks: {color: color("--ink")}
    };
    switch (axis.scale) {
      case "CATEGORIES":
        return {...common, type: "linear", min: -0.5, max: axis.categories.length - 0.5,
          reverse: rows, afterBuildTicks: own => {
            own.ticks = axis.categories.map((name, i) => ({value: i}));
          },
          ticks: {...common.ticks, autoSkip: false, callback: value => text(axis, value)}};
      case "FRACTION":
        return {...common, type: "logarithmic", grace: "5%", afterBuildTicks: own => {
            const ticks = [];
            const first = Math.ceil(Math.log(own.min) / Math.log(shares) - 1e-9);
            for (let i = first; Math.pow(shares, i) <= own.max * 1.001; i++) {
              ticks.push({value: Math.pow(shares, i)});
            }
            own.ticks = ticks;
          },
          ticks: {...common.ticks, callback: value => text(axis, value)}};
      case "LOG":
        return {...common, type: "logarithmic"};
      case "WHOLE":
        return {...common, type: "linear", ticks: {...common.ticks, precision: 0}};
      default:
        return {...common, type: "linear"};
    }
  }

  /** Ends of the intervals of a curve, there and back; 0 at a place of its own is no part of it. */
  function band(set, x, y) {
    const points = set.data.filter(point => point.source.x !== 0 && Number.isFinite(point.y0));
    return [...points.map(point => [point.x, point.y1]),
      ...points.reverse().map(point => [point.x, point.y0])]
      .map(([at, value]) => [x.getPixelForValue(at), y.getPixelForValue(value)]);
  }

  function bars(set, x, y) {
    return set.data.flatMap(point => [
      ...(point.y0 < point.y1 ? [[[point.x, point.y0], [point.x, point.y1]]] : []),
      ...(point.x0 < point.x1 ? [[[point.x0, point.y], [point.x1, point.y]]] : [])
    ]).map(bar => bar.map(([at, value]) => [x.getPixelForValue(at), y.getPixelForValue(value)]));
  }

  /** Intervals under the points: bands along curves, bars elsewhere. */
  const intervals = {
    id: "intervals",
    beforeDatasetsDraw(chart) {
      const {ctx, scales: {x, y}, chartArea: {left, top, width, height}} = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(left, top, width, height);
      ctx.clip();
      ctx.lineWidth = 1.5;
      chart.data.datasets.forEach((set, i) => {
        if (!chart.isDatasetVisible(i)) return;
        ctx.strokeStyle = ctx.fillStyle = set.borderColor;
        ctx.globalAlpha = set.showLine ? 0.18 : 0.6;
        const shapes = set.showLine ? [band(set, x, y)] : bars(set, x, y);
        for (const shape of shapes) {
          ctx.beginPath();
          shape.forEach(([right, down]) => ctx.lineTo(right, down));
          if (set.showLine) ctx.fill(); else ctx.stroke();
        }
      });
      ctx.restore();
    }
  };

  function dataset(figure, series, i, rows, colors) {
    const look = series.look < 0 ? i : series.look;
    const count = figure.series.length;
    const shift = rows ? (i - (count - 1) / 2) * Math.min(0.14, 0.7 / count) : 0;
    const curve = series.points.length >= 40;
    const own = colors[look % colors.length];
    return {
      label: series.name,
      borderColor: own,
      backgroundColor: own,
      borderWidth: 2,
      showLine: figure.style === "LINES" || (figure.style === "FITS" && curve),
      pointRadius: curve && figure.style !== "CLOUD" ? 0 : 4,
      pointHitRadius: 8,
      pointStyle: marks[look % marks.length],
      data: series.points.map(point => {
        const x = place(figure.x, point.x);
        return rows
          ? {x: point.y, x0: point.low, x1: point.high, y: x + shift, source: point}
          : {x, x0: place(figure.x, point.xLow), x1: place(figure.x, point.xHigh),
            y: point.y, y0: point.low, y1: point.high, source: point};
      })
    };
  }

  function draw(canvas, figure) {
    const rows = figure.style === "DOTS" && figure.x.scale === "CATEGORIES";
    const colors = seriesColors();
    const points = figure.series.flatMap(series => series.points);
    const places = points.flatMap(point => [place(figure.x, point.xLow), place(figure.x, point.xHigh)]);
    const heights = points.flatMap(point => [point.low, point.high]).filter(Number.isFinite);
    const value = point => text(figure.y, point.y)
      + (point.low < point.high
        ? ` (${text(figure.y, point.low)} to ${text(figure.y, point.high)})` : "");
    return new Chart(canvas, {
      type: "scatter",
      data: {datasets: figure.series.map((series, i) => dataset(figure, series, i, rows, colors))},
      plugins: [intervals],
      options: {
        animation: false,
        maintainAspectRatio: false,
        scales: rows
          ? {x: scale(figure.y, false, heights), y: scale(figure.x, true, places)}
          : {x: scale(figure.x, false, places), y: scale(figure.y, false, heights)},
        plugins: {
          legend: {display: figure.series.length > 1,
            labels: {color: color("--ink"), usePointStyle: true, boxHeight: 7}},
          tooltip: {callbacks: {
            title: items => items.length === 0 ? ""
              : `${figure.x.label}: ${text(figure.x, place(figure.x, items[0].raw.source.x))}`,
            label: item => `${item.dataset.label}: ${value(item.raw.source)}`
          }}
        }
      }
    });
  }

  const finite = axis => ({...axis, zero: Number(axis.zero)});

  function enliven(element) {
    const data = JSON.parse(element.dataset.figure);
    if (data.style === "SURFACE") return; // its values stand in its cells
    const figure = {...data, x: finite(data.x), y: finite(data.y)};
    const drawing = element.querySelector(".drawing");
    const {width, height} = drawing.querySelector("svg").viewBox.baseVal;
    const live = document.createElement("div");
    live.className = "live";
    live.style.aspectRatio = `${width} / ${height}`;
    const canvas = document.createElement("canvas");
    canvas.setAttribute("role", "img");
    canvas.setAttribute("aria-label", figure.title);
    live.append(canvas);
    drawing.after(live);
    let chart = draw(canvas, figure);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
      chart.destroy();
      chart = draw(canvas, figure);
    });
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

  /** A link to a fold opens it. */
  function unfold() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let each = target; each; each = each.parentElement) {
      if (each.tagName === "DETAILS") each.open = true;
    }
    if (target?.tagName === "DETAILS") target.scrollIntoView();
  }

  /** A page that is served has a version; it loads itself anew when there is a newer one. */
  if (page.dataset.version) {
    setInterval(async () => {
      const answer = await fetch("/version").catch(() => null);
      if (answer && answer.ok && (await answer.text()) !== page.dataset.version) location.reload();
    }, 1000);
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
  document.querySelectorAll(".figures").forEach(chooser);
  addEventListener("hashchange", unfold);
  if (location.hash) unfold();
})();
