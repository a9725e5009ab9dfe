// Boxes and circles drawn on the map, and the question to the API that asks about the same.

import { addressOf, lastOnly, visit } from "./api.js";
import { $, draw, make } from "./dom.js";
import { showArea } from "./map.js";
import { copy } from "./notices.js";
import { stateOf } from "./panel.js";
import { change, onChange, state } from "./state.js";
import { counted, money, say } from "./words.js";

const question = lastOnly();
const EARTH_M = 6371008.8;
const MOST_RADIUS_M = 50_000;
const rad = Math.PI / 180;

let drawing = null;

export function openArea(map) {
  for (const kind of ["box", "circle"]) {
    $(`draw-${kind}`).addEventListener("click", () => (drawing === kind ? finish(map) : begin(map, kind)));
  }
  map.getCanvasContainer().addEventListener("pointerdown", (event) => drawing && drag(map, event), { capture: true });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drawing) return;
    // What is open besides stays open.
    event.stopImmediatePropagation();
    finish(map);
  });
  onChange((changed) => {
    if (changed.has("area")) place(map);
    if (["area", "entry", "stay", "permits", "language"].some((each) => changed.has(each))) tell();
  });
  place(map);
  tell();
}

export const isDrawing = () => drawing !== null;

// There is a shape at once, half as large as the map: whoever cannot drag has one too.
function begin(map, kind) {
  setDrawing(map, kind);
  const { width, height } = map.getCanvas().getBoundingClientRect();
  const [a, b] = [map.unproject([width / 4, height / 4]), map.unproject([(3 * width) / 4, (3 * height) / 4])];
  const centre = map.getCenter();
  const own = kind === "box" ? boxOf(a, b) : circleOf(centre, map.unproject([width / 2, height / 4]));
  change({ area: own });
}

function setDrawing(map, kind) {
  drawing = kind;
  document.body.classList.toggle("drawing", kind !== null);
  map.dragPan[kind ? "disable" : "enable"]();
  for (const each of ["box", "circle"]) $(`draw-${each}`).setAttribute("aria-pressed", String(kind === each));
}

const finish = (map) => setDrawing(map, null);

function drag(map, event) {
  if (event.button !== 0 || !event.isPrimary) return;
  event.stopPropagation();
  event.preventDefault();
  const { left, top } = map.getCanvas().getBoundingClientRect();
  const at = ({ clientX, clientY }) => map.unproject([clientX - left, clientY - top]);
  const first = at(event);
  const kind = drawing;
  const follow = (move) => {
    const to = at(move);
    showArea(map, outline(kind === "box" ? boxOf(first, to) : circleOf(first, to)));
  };
  const end = (up) => {
    removeEventListener("pointermove", follow);
    removeEventListener("pointercancel", end);
    const last = at(up);
    const far = Math.hypot(up.clientX - event.clientX, up.clientY - event.clientY) > 5;
    finish(map);
    if (far && up.type === "pointerup") change({ area: kind === "box" ? boxOf(first, last) : circleOf(first, last) });
    else place(map);
  };
  addEventListener("pointermove", follow);
  addEventListener("pointerup", end, { once: true });
  addEventListener("pointercancel", end, { once: true });
}

const round6 = (value) => Number(value.toFixed(6));

function boxOf(a, b) {
  return {
    kind: "box",
    north: round6(Math.max(a.lat, b.lat)),
    west: round6(Math.min(a.lng, b.lng)),
    south: round6(Math.min(a.lat, b.lat)),
    east: round6(Math.max(a.lng, b.lng)),
  };
}

function circleOf(centre, edge) {
  const radius = Math.max(1, Math.min(MOST_RADIUS_M, Math.round(metresBetween(centre, edge))));
  return { kind: "circle", lat: round6(centre.lat), lon: round6(centre.lng), radius };
}

function metresBetween(a, b) {
  const h = Math.sin(((b.lat - a.lat) * rad) / 2) ** 2 + Math.cos(a.lat * rad) * Math.cos(b.lat * rad) * Math.sin(((b.lng - a.lng) * rad) / 2) ** 2;
  return 2 * EARTH_M * Math.asin(Math.sqrt(h));
}

function outline(area) {
  if (!area) return null;
  let ring;
  if (area.kind === "box") {
    const { north, west, south, east } = area;
    ring = [[west, north], [east, north], [east, south], [west, south], [west, north]];
  } else {
    const reach = area.radius / EARTH_M / rad;
    ring = Array.from({ length: 65 }, (_, n) => {
      const turn = (n / 32) * Math.PI;
      return [area.lon + (reach * Math.cos(turn)) / Math.cos(area.lat * rad), area.lat + reach * Math.sin(turn)];
    });
  }
  return { type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } };
}

const place = (map) => showArea(map, outline(state.area));

// The parameters of `/blocks` that ask about an area.
export function where(area) {
  if (area.kind === "circle") return { point: `${area.lat}|${area.lon}`, radius: area.radius };
  return { box: `${area.north}|${area.west},${area.south}|${area.east}` };
}

async function tell() {
  const card = $("area");
  const { area } = state;
  card.hidden = !area;
  document.body.classList.toggle("has-area", Boolean(area));
  if (!area) return card.replaceChildren();
  const address = addressOf("blocks", { ...where(area), ...visit(state), limit: 5000, outputfields: "currency,isOpen,calculatedRates" });
  const answer = make("div", { id: "area-answer", class: "answer", role: "status" }, say("loading"));
  card.replaceChildren(
    make("div", { class: "head" },
      make("h2", {}, say(area.kind === "box" ? "areaBox" : "areaCircle")),
      make("button", { type: "button", class: "close", "aria-label": say("close"), title: say("close"), onclick: () => change({ area: null }) },
        draw("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, draw("path", { d: "M6 6l12 12M18 6L6 18" })))),
    answer,
    make("p", { class: "quiet" }, say("sameQuestion")),
    make("pre", { tabindex: 0, class: "call", id: "call", "aria-label": say("sameQuestion") }, address),
    make("button", { type: "button", class: "plain", id: "copy", onclick: ({ target }) => copy(address, target) }, say("copy")),
  );
  try {
    const { body, total } = await question(address);
    answer.replaceChildren(...summary(body.result, total));
  } catch (error) {
    if (error.name !== "AbortError") answer.replaceChildren(make("span", { class: "refused" }, error.message));
  }
}

function summary(blocks, total) {
  const segments = blocks.flatMap((block) => block.segments.map((each) => ({ ...each, currency: block.currency })));
  const count = (name) => segments.filter((each) => stateOf(each) === name).length;
  const paid = segments.filter((each) => stateOf(each) === "paid").map((each) => ({ cost: each.calculatedRates[0].rate_cost, currency: each.currency })).sort((a, b) => a.cost - b.cost);
  const shares = ["free", "paid", "unknown", "closed"].map((name) => [say(`state.${name}`), count(name)]).filter(([, number]) => number);
  const typical = paid[Math.floor((paid.length - 1) / 2)];
  return [
    make("p", {}, make("b", { id: "area-total" }, counted(total)), " ", say("blocks"), " · ", make("b", { id: "area-segments" }, counted(segments.length)), " ", say("segments")),
    make("p", { class: "quiet" }, shares.map(([name, number]) => `${counted(number)} ${name}`).join(" · ")),
    typical && new Set(paid.map((each) => each.currency)).size === 1 ? make("p", { class: "quiet" }, say("fromTo", { least: money(paid[0].cost, typical.currency), typical: money(typical.cost, typical.currency), most: money(paid.at(-1).cost, typical.currency) })) : null,
  ].filter(Boolean);
}
