// Pictures of a card: the hours of a day, and the price against the stay.

import { draw, make } from "./dom.js";
import { classOf, colourOf } from "./palette.js";
import { clock, lasting, later, minutesBetween, money, say } from "./words.js";

const DAY_MIN = 1440;

// The spans of `week` that lie in the day of an entry, as {from, to, state, price, card} with minutes of that day.
export function spansOf(week, entry) {
  const midnight = entry.slice(0, 10) + "T00:00";
  return week
    .map((span) => ({
      from: Math.max(0, minutesBetween(midnight, span.start)),
      to: Math.min(DAY_MIN, minutesBetween(midnight, span.end)),
      state: span.state,
      price: span.hourPrice,
      card: span.rateCard,
    }))
    .filter((span) => span.to > span.from);
}

// A day as a bar, with the stay marked on it, and the same as a list for those who do not see it.
export function dayBar(spans, { entry, stay, symbol, breaks, unit }) {
  const width = 336;
  const x = (minute) => (minute / DAY_MIN) * width;
  const start = minutesBetween(entry.slice(0, 10) + "T00:00", entry);
  const words = (span) => (span.state === "paid" && span.price !== null ? say("anHour", { price: money(span.price, symbol) }) : say(`state.${span.state}`));
  const at = (minute) => clock(later(entry.slice(0, 10) + "T00:00", minute));
  const bars = spans.map((span) =>
    draw("rect", { x: x(span.from), y: 8, width: Math.max(1, x(span.to) - x(span.from) - 1), height: 20, rx: 2, fill: colourOf(span.state, classOf(span.price ?? 0, breaks, unit)), class: `span ${span.state}` },
      draw("title", {}, `${at(span.from)}–${at(span.to)} ${words(span)}`)));
  const hatched = spans.filter((span) => ["closed", "reserved"].includes(span.state)).map((span) =>
    draw("path", { class: "hatch", d: Array.from({ length: Math.max(0, Math.floor((x(span.to) - x(span.from) - 3) / 6)) }, (_, n) => `M${x(span.from) + 2 + 6 * n} 26l5 -16`).join("") }));
  const hours = [0, 6, 12, 18, 24].map((hour) => draw("text", { x: x(hour * 60), y: 42, "text-anchor": hour === 0 ? "start" : hour === 24 ? "end" : "middle" }, clock(`2026-01-01T${String(hour % 24).padStart(2, "0")}:00`)));
  const mark = draw("path", { class: "mark", d: `M${x(start)} 4h${Math.max(3, x(Math.min(DAY_MIN, start + stay)) - x(start))}v28h${-Math.max(3, x(Math.min(DAY_MIN, start + stay)) - x(start))}z` });
  return [
    draw("svg", { viewBox: `0 0 ${width} 46`, class: "chart", "aria-hidden": "true" }, bars, hatched, mark, hours),
    make("ul", { class: "unseen" }, spans.map((span) => make("li", {}, `${at(span.from)} – ${at(span.to)}: ${words(span)}`))),
  ];
}

// Steps of [minutes, cost], cost null where the stay is not allowed or its price not known.
export function curve(points, { stay, symbol }) {
  const [width, height, left, top, foot] = [336, 120, 44, 10, 20];
  const known = points.filter(([, cost]) => cost !== null);
  if (!known.length) return [];
  const longest = points.at(-1)[0];
  const most = Math.max(1, ...known.map(([, cost]) => cost));
  // Long stays are pressed together.
  const x = (minutes) => left + (width - left - 6) * Math.sqrt(minutes / longest);
  const y = (cost) => top + (height - top - foot) * (1 - cost / most);
  let path = "";
  points.forEach(([minutes, cost], at) => {
    if (cost === null) return;
    const before = at ? points[at - 1] : [0, null];
    path += before[1] === null ? `M${x(before[0])} ${y(cost)}` : `V${y(cost)}`;
    path += `H${x(minutes)}`;
  });
  const own = known.find(([minutes]) => minutes === stay);
  const ticks = [60, 240, 720, 1440].filter((each) => each <= longest);
  return [
    draw("svg", { viewBox: `0 0 ${width} ${height}`, class: "chart", role: "img", "aria-label": say("curveSays", { price: money(known.at(-1)[1], symbol), stay: lasting(known.at(-1)[0]) }) },
      [0, most].map((cost) => draw("text", { x: left - 6, y: y(cost) + 4, "text-anchor": "end" }, money(Math.round(cost * 100) / 100, symbol))),
      [0, most].map((cost) => draw("path", { class: "grid", d: `M${left} ${y(cost)}H${width - 6}` })),
      ticks.map((minutes) => draw("text", { x: x(minutes), y: height - 4, "text-anchor": minutes === longest ? "end" : "middle" }, lasting(minutes))),
      draw("path", { class: "curve", d: path }),
      own ? draw("circle", { class: "dot", cx: x(stay), cy: y(own[1]), r: 4.5 }) : null),
  ];
}
