// What the colours and patterns mean, for the zoom and the currency that are on the screen.

import { $, draw, make } from "./dom.js";
import { colourOf, colours, DASHES } from "./palette.js";
import { shown } from "./map.js";
import { money, say } from "./words.js";

const sample = (paint) =>
  draw("svg", { viewBox: "0 0 34 12", class: "sample", "aria-hidden": "true" }, ...paint.map((each) => draw("path", { d: "M5 6h24", "stroke-linecap": "round", ...each })));

export function drawLegend(map, breaks) {
  const priced = shown(map).map((feature) => feature.properties).find((each) => each.class > 0);
  const symbol = priced?.currency ?? "";
  const unit = priced?.unit ?? 1;
  const price = (value) => money(value * unit, symbol);
  const ranges = [
    say("upTo", { price: price(breaks[0]) }),
    ...breaks.slice(1).map((each, at) => `${price(breaks[at])} – ${price(each)}`),
    say("above", { price: price(breaks.at(-1)) }),
  ];
  const dash = (name, width) => DASHES[name].map((each) => each * width).join(" ");
  const rows = [
    [[{ stroke: colourOf("free"), "stroke-width": 5 }], say("state.free")],
    ...ranges.map((text, at) => [[{ stroke: colourOf("paid", at + 1), "stroke-width": 5 }], text]),
    [[{ stroke: colourOf("permit"), "stroke-width": 4.5, "stroke-dasharray": dash("permit", 4.5) }], say("state.permit")],
    [[{ stroke: colourOf("closed"), "stroke-width": 3, "stroke-dasharray": dash("closed", 3.6), "stroke-linecap": "butt" }], say("state.closed")],
    [[{ stroke: colourOf("unknown"), "stroke-width": 5 }, { stroke: colours().street, "stroke-width": 2.2 }], say("state.unknown")],
  ];
  $("keys").replaceChildren(...rows.map(([paint, text]) => make("li", {}, sample(paint), make("span", {}, text))));
  const zoom = map.getZoom();
  $("note").textContent = zoom < 10 ? say("noteCells") : zoom < 14 ? say("noteBlocks") : "";
}
