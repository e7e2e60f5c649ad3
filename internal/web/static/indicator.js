// The chart of one indicator. The server has drawn it already; once it is seen,
// ECharts draws it again over that, in the colours of the page, so that it answers
// the pointer. Every value it can show stands in the table below it too.
const figure = document.querySelector("figure.chart");
if (figure) new IntersectionObserver((seen, watch) => {
  if (!seen.some((one) => one.isIntersecting)) return;
  watch.disconnect();
  const idle = globalThis.requestIdleCallback ?? ((go) => setTimeout(go, 200));
  idle(() => start(figure), { timeout: 2000 });
}).observe(figure);

async function start(figure) {
  await import("./echarts-6.1.0.min.js"); // it gives itself a global name
  const plot = figure.querySelector(".plot");
  let data = JSON.parse(figure.dataset.chart);
  const box = document.createElement("div");
  box.className = "live";
  // The library empties its box by innerHTML, which the page's policy refuses even
  // for nothing: here emptying is all that innerHTML can do.
  Object.defineProperty(box, "innerHTML", { get: () => "", set: () => box.replaceChildren() });
  plot.append(box);
  const chart = globalThis.echarts.init(box, null, { renderer: "canvas" });
  const draw = () => {
    if (box.clientWidth) chart.setOption(option(data, box.clientWidth, box.clientHeight), true);
  };
  draw();
  figure.classList.add("drawn");
  new ResizeObserver(() => { chart.resize(); draw(); }).observe(box);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => requestAnimationFrame(draw));
  new MutationObserver(draw).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  figure.addEventListener("redraw", () => { data = JSON.parse(figure.dataset.chart); draw(); }); // a page has put other numbers there
  figure.dispatchEvent(new CustomEvent("drawn", { bubbles: true }));
}

// option is the whole chart in the tokens of the moment, for a width.
function option(d, width, height) {
  const css = getComputedStyle(document.documentElement);
  const token = (name) => css.getPropertyValue(name).trim();
  const ink = token("--ink"), ink2 = token("--ink-2"), ink3 = token("--ink-3"), line = token("--line"), paper = token("--paper"), accent = token("--accent");
  const font = token("--sans"), narrow = width < 500, ticks = narrow ? d.narrow : d.ticks;
  const points = (list) => list.flatMap((v, m) => (v === null ? (ticks[m] ? [[m, null]] : []) : [[m, v]]));
  const end = (key) => d.ends.find((one) => one.line === key);
  const shift = apart(d, height, narrow);
  const named = (key, color, size) => {
    const one = end(key);
    return one && {
      show: true, distance: narrow ? 5 : 8, offset: [0, shift[key] ?? 0], color, fontFamily: font, fontSize: size,
      formatter: () => (narrow ? one.name : `${one.name} {b|${one.value}}`), rich: { b: { fontWeight: 600, fontFamily: font, fontSize: size, color: ink2 } },
    };
  };
  const path = (key, list, style, endLabel, more) => ({
    id: key, type: "line", data: points(list), showSymbol: false, silent: true, lineStyle: style, itemStyle: { color: style.color },
    endLabel: endLabel ?? { show: false }, emphasis: { disabled: true }, ...more,
  });
  const plan = { color: ink2, width: 1.25, type: [5, 3] };
  const series = [
    path("last", d.last, { color: line, width: 1.5 }, named("last", ink3, 11)),
    path("upper", d.upper, plan, named("upper", ink2, 12)),
    path("asked", d.asked, plan, named("asked", ink2, 12)),
  ];
  if (d.fan) series.unshift(...foreseen(d.fan, { accent, ink, ink2, ink3, font, narrow, shift, wide: token("--fan-2"), close: token("--fan-1") }));
  if (d.now) series.push(...standing(d, { ink, paper, accent, font, ink2 }));
  series.push(path("actual", d.actual, { color: ink, width: 2.25 }, null, {
    silent: false, showSymbol: true, symbol: "circle", symbolSize: 5.5, itemStyle: { color: ink }, z: 5,
    data: points(d.actual).map(([m, v]) => (m === d.now ? newest(d, m, v, { ink, paper, font }) : m === 0 ? { value: [m, v], symbol: "none" } : [m, v])),
  }));
  const words = { color: ink3, fontFamily: font, fontSize: 11 };
  return {
    animation: false, textStyle: { fontFamily: font },
    grid: { left: 40, right: narrow ? 56 : 132, top: 26, bottom: 30, outerBoundsMode: "none" },
    xAxis: {
      type: "value", min: 0, max: 12, interval: 1, splitLine: { show: false }, axisLine: { onZero: false, lineStyle: { color: ink } },
      axisTick: { show: false }, axisLabel: { ...words, margin: 9, formatter: (m) => ticks[m] ?? "" },
    },
    yAxis: {
      type: "value", min: d.low, max: d.high, interval: d.step, axisLine: { show: false }, axisTick: { show: false },
      splitLine: { showMaxLine: false, lineStyle: { color: d.axis.map((text) => (text === "0" && d.low < 0 ? ink3 : token("--rule"))) } },
      axisLabel: { ...words, showMaxLabel: false, formatter: (v, i) => d.axis[i] ?? "" },
    },
    tooltip: {
      trigger: "axis", renderMode: "richText", confine: true, backgroundColor: paper, borderColor: ink, borderWidth: 1, padding: [6, 10],
      textStyle: { color: ink, fontFamily: font, fontSize: 12, lineHeight: 18 }, shadowBlur: 0,
      axisPointer: { type: "line", snap: true, lineStyle: { color: ink3, type: "solid", width: 1 }, label: { show: false } },
      formatter: (found) => (d.says[found[0]?.value[0]] ?? []).join("\n"),
    },
    series,
  };
}

// apart is by how many pixels the names at the lines' ends move so that none
// stands on another.
function apart(d, height, narrow) {
  const lines = d.ends.map((one) => ({ line: one.line, at: d[one.line].findLast((x) => x !== null) }));
  const at = [...lines, ...fanNames(d.fan, narrow)].map((one) => {
    const y = ((d.high - one.at) / (d.high - d.low)) * (height - 56);
    return { key: one.line, y, from: y };
  }).sort((a, b) => a.y - b.y);
  for (let round = 0; round < 8; round++) {
    for (let k = 1; k < at.length; k++) {
      const over = 16 - (at[k].y - at[k - 1].y);
      if (over > 0) { at[k - 1].y -= over / 2; at[k].y += over / 2; }
    }
  }
  return Object.fromEntries(at.map((one) => [one.key, one.y - one.from]));
}

// named are the names at the fan's end for which there is room.
const fanNames = (fan, narrow) => (fan?.ends ?? []).filter((one) => !(narrow && one.broad));

// foreseen is the fan: two bands, the expected line, and what the year is to reach.
// A band is one line along its upper edge and back along the lower one, filled.
function foreseen(f, { accent, ink, ink2, ink3, font, narrow, shift, wide, close }) {
  const points = (list) => list.flatMap((v, m) => (v === null ? [] : [[m, v]]));
  const line = (id, data, more) => ({ id, type: "line", data, showSymbol: false, silent: true, emphasis: { disabled: true }, ...more });
  const band = (id, low, high, color) => line(id, [...points(high), ...points(low).reverse()], { symbol: "none", lineStyle: { width: 0 }, itemStyle: { color }, areaStyle: { color, opacity: 1 }, z: 0 });
  const names = fanNames(f, narrow).map((one) => {
    const color = one.line === "expected" ? accent : one.broad ? ink3 : ink2, size = one.broad ? 11 : 12;
    const label = {
      show: true, position: "right", distance: narrow ? 5 : 8, offset: [0, shift[one.line] ?? 0], color, fontFamily: font, fontSize: size,
      formatter: narrow ? one.name : `${one.name} {b|${one.value}}`, rich: { b: { fontWeight: 600, fontFamily: font, fontSize: size, color: one.line === "expected" ? accent : ink2 } },
    };
    return line("name-" + one.line, [{ value: [12, one.at], symbolSize: 0.1, label }], { showSymbol: true, itemStyle: { color: "transparent" } });
  });
  return [
    band("band95", f.low95, f.high95, wide), band("band80", f.low80, f.high80, close),
    ...(f.levels ?? []).map((v, i) => line("level" + i, [[f.whole ? f.from : 11.75, v], [12, v]], { symbol: "none", lineStyle: { color: ink, width: 1.25, type: "solid" }, z: 3 })),
    line("expected", points(f.expected), { lineStyle: { color: accent, width: 1.75, type: [1.5, 3.5], cap: "round" }, itemStyle: { color: accent }, z: 4 }),
    ...names,
  ];
}

// newest is the latest point, hollow while it may still change, with its value.
function newest(d, m, v, { ink, paper, font }) {
  const behind = d.gap && d.due !== "" && d.asked[m] > v, early = m < 3;
  return {
    value: [m, v], symbolSize: d.open === m ? 8 : 5.5, itemStyle: d.open === m ? { color: paper, borderColor: ink, borderWidth: 2 } : { color: ink },
    label: {
      show: true, formatter: d.value, color: ink, fontFamily: font, fontSize: 14, fontWeight: 600, textBorderColor: paper, textBorderWidth: 3,
      position: behind ? "bottom" : early ? "right" : "left", offset: behind ? [24, 2] : [0, -12],
    },
  };
}

// standing are the two upright strokes at the latest period: now, and the gap
// between what is and what is asked.
function standing(d, { ink, paper, accent, font, ink2 }) {
  const upright = (id, from, to, lineStyle, more) => ({ id, type: "line", data: [[d.now, from], [d.now, to]], showSymbol: false, silent: true, lineStyle, emphasis: { disabled: true }, ...more });
  const list = [upright("now", d.low, d.high, { color: accent, width: 1, type: [2, 3] })];
  if (!d.gap) return list;
  const asked = d.asked[d.now], behind = asked > d.actual[d.now];
  const label = { show: d.due !== "", formatter: d.due, color: ink2, fontFamily: font, fontSize: 12, textBorderColor: paper, textBorderWidth: 3, position: behind ? "left" : "right", offset: behind ? [0, -12] : [0, 12] };
  list.push(upright("gap", asked, d.actual[d.now], { color: ink, width: 1 }, {
    data: [{ value: [d.now, asked], symbol: "circle", symbolSize: 3.5, label }, { value: [d.now, d.actual[d.now]], symbol: "none" }], showSymbol: true, itemStyle: { color: ink }, z: 4,
  }));
  return list;
}
