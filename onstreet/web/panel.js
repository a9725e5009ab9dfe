// What is known of a kerb: the price of the stay and why, until when, the sign, the day, the curve, and cheaper ones near.

import { addressOf, lastOnly, visit } from "./api.js";
import { curve, dayBar, spansOf } from "./charts.js";
import { setOffset, shownEntry } from "./clock.js";
import { $, draw, make } from "./dom.js";
import { classOf, colourOf } from "./palette.js";
import { change, onChange, state } from "./state.js";
import { clock, fullDay, language, lasting, metres, money, say, weekdayClock } from "./words.js";

const FIELDS = "name,address,operator,currency,pmtTypes,offset,geojson,segments.side,segments.start,segments.end,spacesTotal," +
  "rateCards,isOpen,calculatedRates,until,untilReason,freeUntil,becomesFreeAt,explanation,week";
const CURVE_MIN = [15, 30, 45, 60, 75, 90, 105, 120, 150, 180, 210, 240, 300, 360, 420, 480, 540, 600, 720, 840, 960, 1080, 1440];
const NEAR_M = 400;

const question = lastOnly();
const following = lastOnly();
const nearby = lastOnly();
let breaks = [1, 2, 4, 8];
let opener = null;

export function openPanel(map, tiles) {
  breaks = tiles.price_breaks;
  onChange((changed) => {
    if (changed.has("chosen") && state.chosen) opener ??= document.activeElement;
    if (["chosen", "entry", "stay", "permits", "language"].some((each) => changed.has(each))) show(map, changed.has("chosen"));
  });
  document.addEventListener("keydown", ({ key }) => key === "Escape" && state.chosen && !document.querySelector("dialog[open]") && close());
  if (state.chosen) show(map, true);
}

function close() {
  change({ chosen: null });
  opener?.focus?.();
  opener = null;
}

// The state of a kerb as the tiles name it, of a segment of `/blocks`.
export function stateOf(segment) {
  const [bill] = segment.explanation ?? [];
  if (segment.isOpen === false) return bill?.reason === "reserved" ? "permit" : "closed";
  const cost = segment.calculatedRates?.[0]?.rate_cost ?? null;
  return cost === null ? "unknown" : cost === 0 ? "free" : "paid";
}

async function show(map, isNew) {
  const panel = $("panel");
  const { chosen } = state;
  panel.hidden = !chosen;
  document.body.classList.toggle("has-panel", Boolean(chosen));
  if (!chosen) return panel.replaceChildren();
  if (isNew) {
    panel.replaceChildren(heading(say("loading"), ""), make("p", { class: "quiet" }, say("loading")));
    panel.focus({ preventScroll: true });
  }
  panel.setAttribute("aria-busy", "true");
  try {
    const { body } = await question(addressOf("blocks", { id: chosen.block, ...visit(state), locale: language, outputfields: FIELDS }));
    const [block] = body.result;
    const segment = block.segments.find((each) => each.segmentID === chosen.segment) ?? block.segments[0];
    setOffset(block.offset);
    fill(block, segment);
    if (isNew) reveal(map, block.geojson.coordinates);
    await Promise.all([addCurve(block, segment), addNearby(map, block, segment)]);
  } catch (error) {
    if (error.name === "AbortError") return;
    panel.replaceChildren(heading(say("notFound"), ""), make("p", { class: "quiet", role: "alert" }, error.message));
  } finally {
    panel.removeAttribute("aria-busy");
  }
}

function heading(name, address) {
  return make("div", { class: "head" },
    make("div", {}, make("h2", { id: "panel-title" }, name), address ? make("p", { class: "quiet" }, address) : null),
    make("button", { type: "button", class: "close", "aria-label": say("close"), title: say("close"), onclick: close },
      draw("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, draw("path", { d: "M6 6l12 12M18 6L6 18" }))));
}

// Moves the map where the panel or a card would hide the middle of a block.
function reveal(map, points) {
  const middle = points[Math.floor(points.length / 2)];
  const { x, y } = map.project(middle);
  const hidden = document.elementFromPoint(x, y) !== map.getCanvas();
  if (!hidden) return;
  const { left, top, width } = $("panel").getBoundingClientRect();
  const isBelow = width >= innerWidth - 1;
  map.easeTo({ center: middle, offset: isBelow ? [0, (top + 100 - innerHeight) / 2] : [(left - innerWidth) / 2, 0], duration: 300 });
}

const part = (title, ...content) => make("section", { class: "part" }, make("h3", {}, say(title)), ...content);

function fill(block, segment) {
  const symbol = block.currency ?? "";
  const entry = shownEntry();
  if (!segment) {
    $("panel").replaceChildren(heading(block.name || block.blockID, block.address), make("p", { class: "quiet" }, say("noSegments")));
    return;
  }
  const name = stateOf(segment);
  const cost = segment.calculatedRates?.[0]?.rate_cost ?? null;
  const spans = spansOf(segment.week, entry);
  $("panel").replaceChildren(
    heading(block.name || block.blockID, block.address),
    sides(block, segment),
    make("div", { class: `verdict ${name}`, id: "verdict" },
      chip(name, classOf(cost ?? 0, breaks)),
      make("p", { class: "price", id: "price" }, name === "paid" ? money(cost, symbol) : say(`state.${name}`)),
      make("p", { class: "quiet" }, say("forStay", { stay: lasting(state.stay), entry: weekdayClock(entry) })),
      ...ahead(segment)),
    part("sign", make("ul", { class: "sign", id: "sign" }, segment.rateCards.map((each) => make("li", {}, each)))),
    make("section", { class: "part" }, make("h3", {}, fullDay(entry)), ...dayBar(spans, { entry, stay: state.stay, symbol, breaks, unit: 1 })),
    make("div", { id: "curve" }),
    part("receipt", ...receipt(segment.explanation?.[0], symbol)),
    make("div", { id: "nearby" }),
    facts(block, segment),
  );
}

const chip = (name, priceClass) => draw("svg", { class: "chip", "aria-hidden": "true" }, draw("rect", { width: "100%", height: "100%", rx: 3.5, fill: colourOf(name, priceClass) }));

// The other segments of the block, to go from one to the next.
function sides(block, segment) {
  if (block.segments.length < 2) return null;
  const label = (each) => `${say(each.side === "LEFT" ? "left" : "right")} · ${Math.round(each.start)}–${metres(Math.round(each.end))}`;
  return make("label", { class: "field sides" }, make("span", {}, say("segment")),
    make("select", { onchange: ({ target }) => change({ chosen: { block: block.blockID, segment: target.value } }) },
      block.segments.map((each) => make("option", { value: each.segmentID, selected: each === segment }, label(each)))));
}

// Until when one may stay and it is free, as the clock there shows it.
function ahead({ until, untilReason, freeUntil, becomesFreeAt }) {
  const facts = [
    until && say("until", { time: weekdayClock(until) }) + (untilReason ? ` · ${untilReason}` : ""),
    freeUntil && say("freeUntil", { time: weekdayClock(freeUntil) }),
    !freeUntil && becomesFreeAt && say("becomesFree", { time: weekdayClock(becomesFreeAt) }),
  ];
  return facts.filter(Boolean).map((each) => make("p", { class: "ahead" }, each));
}

function receipt(bill, symbol) {
  if (!bill) return [];
  const refused = bill.refusedBy ? [make("p", { class: "refused" }, make("b", {}, say(`refused.${bill.reason}`)), " ", bill.refusedBy)] : [];
  const rows = bill.items.map((item) =>
    make("tr", {},
      make("td", { class: "when" }, `${clock(item.start)}–${clock(item.end)}`),
      make("td", {}, item.rateCard ?? say("state.unknown"), item.cappedBy ? make("div", { class: "quiet" }, say("cappedBy", { line: item.cappedBy })) : null),
      make("td", { class: "amount" }, item.amount === null ? "?" : money(item.amount, symbol))));
  const total = bill.rate_cost === null ? [] : [make("tfoot", {}, make("tr", {}, make("th", { colspan: 2, scope: "row" }, say("total")), make("td", { class: "amount" }, money(bill.rate_cost, symbol))))];
  return [...refused, rows.length ? make("table", { class: "receipt" }, make("tbody", {}, rows), ...total) : null];
}

function facts(block, segment) {
  const known = [
    [say("spaces"), segment.spacesTotal],
    [say("operator"), block.operator],
    [say("payment"), block.pmtTypes?.join(", ")],
    [say("blockId"), block.blockID],
  ].filter(([, value]) => value !== null && value !== undefined && value !== "");
  return make("dl", { class: "facts" }, known.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, String(value))]));
}

async function addCurve(block, segment) {
  if (!segment) return;
  const stays = [...new Set([...CURVE_MIN, ...(state.stay <= 1440 ? [state.stay] : [])])].sort((a, b) => a - b);
  const { body } = await following(addressOf("blocks", { id: block.blockID, ...visit(state), duration: stays.join("|"), outputfields: "calculatedRates" }));
  const own = body.result[0].segments.find((each) => each.segmentID === segment.segmentID);
  const costs = new Map((own?.calculatedRates ?? []).map((rate) => [minutesOf(rate.quoted_duration), rate.rate_cost]));
  const picture = curve(stays.map((minutes) => [minutes, costs.get(minutes) ?? null]), { stay: state.stay, symbol: block.currency ?? "" });
  if (picture.length) $("curve")?.replaceChildren(part("curve", ...picture));
}

const minutesOf = (duration) => duration.split(":").slice(0, 2).reduce((sum, each) => 60 * sum + Number(each), 0);

// Blocks near this one where the stay costs less, nearest first, each cheaper than those before it.
async function addNearby(map, block, segment) {
  const points = block.geojson.coordinates;
  const [lon, lat] = points[Math.floor(points.length / 2)];
  const own = segment?.calculatedRates?.[0]?.rate_cost ?? Infinity;
  if (own === 0) return;
  const { body } = await nearby(addressOf("blocks", { point: `${lat.toFixed(6)}|${lon.toFixed(6)}`, radius: NEAR_M, sort: "distance", limit: 300, ...visit(state), outputfields: "name,address,distance,currency,calculatedRates" }));
  let least = own;
  const better = [];
  for (const each of body.result) {
    if (each.blockID === block.blockID || each.currency !== block.currency) continue;
    const priced = each.segments.map((one) => ({ id: one.segmentID, cost: one.calculatedRates?.[0]?.rate_cost ?? Infinity }));
    const cheapest = priced.sort((a, b) => a.cost - b.cost)[0];
    if (cheapest && cheapest.cost < least) {
      least = cheapest.cost;
      better.push({ each, cheapest });
    }
  }
  if (!better.length || !$("nearby")) return;
  const entry = ({ each, cheapest }) => make("li", {},
    make("button", { type: "button", class: "near", onclick: () => change({ chosen: { block: each.blockID, segment: cheapest.id } }) },
      make("b", {}, cheapest.cost === 0 ? say("state.free") : money(cheapest.cost, each.currency)),
      make("span", {}, each.name || each.blockID), make("span", { class: "quiet" }, metres(each.distance))));
  $("nearby").replaceChildren(part(own === Infinity ? "possibleNearby" : "cheaperNearby", make("ul", { class: "plain-list" }, better.slice(0, 4).map(entry))));
}
