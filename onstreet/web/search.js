// Finding a place: a street by its name, a point by its coordinates, a block by its id.

import { addressOf, lastOnly } from "./api.js";
import { $, make } from "./dom.js";
import { change } from "./state.js";
import { metres, say } from "./words.js";

const question = lastOnly();
let results = [];
let active = -1;
let waiting = 0;

export function openSearch(map) {
  const input = $("sought");
  input.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => look(map), 180);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && results.length) {
      event.preventDefault();
      mark((active + step + results.length) % results.length);
    } else if (event.key === "Escape") {
      fold();
    }
  });
  input.addEventListener("blur", () => setTimeout(fold, 150));
  $("search").addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    if (active < 0) await look(map);
    if (results.length) go(map, results[Math.max(0, active)]);
  });
}

// "34.0190, -118.4871" as {lat, lon}.
export function coordinatesOf(text) {
  const match = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*[,;|\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text);
  if (!match) return null;
  const [lat, lon] = [Number(match[1]), Number(match[2])];
  return Math.abs(lat) <= 90 && Math.abs(lon) <= 180 ? { lat, lon } : null;
}

async function look(map) {
  const text = $("sought").value.trim();
  results = [];
  active = -1;
  if (!text) return fold();
  const point = coordinatesOf(text);
  if (point) {
    results = [{ title: `${point.lat}, ${point.lon}`, detail: say("point"), ...point }];
    return unfold(map);
  }
  const centre = map.getCenter().wrap();
  try {
    const { body } = await question(addressOf("search", { q: text.slice(0, 100), near: `${centre.lat.toFixed(5)}|${centre.lng.toFixed(5)}` }));
    results = body.result.map((each) => ({
      title: each.name || each.blockID,
      detail: [each.address, each.distance === null ? "" : metres(each.distance)].filter(Boolean).join(" · "),
      lat: each.point[0],
      lon: each.point[1],
      block: each.blockID === text ? each.blockID : null,
    }));
    unfold(map);
  } catch (error) {
    if (error.name !== "AbortError") unfold(map, error.message);
  }
}

function unfold(map, fault) {
  const list = $("found");
  const items = results.map((each, at) =>
    make("li", { role: "option", id: `found-${at}`, "aria-selected": "false", onmousedown: (event) => event.preventDefault(), onclick: () => go(map, each) },
      make("b", {}, each.title), make("span", { class: "quiet" }, each.detail)));
  list.replaceChildren(...(items.length ? items : [make("li", { class: "quiet", role: "option", "aria-disabled": "true" }, fault ?? say("nothingFound"))]));
  list.hidden = false;
  $("sought").setAttribute("aria-expanded", "true");
}

function mark(at) {
  active = at;
  [...$("found").children].forEach((item, number) => item.setAttribute("aria-selected", String(number === at)));
  $("sought").setAttribute("aria-activedescendant", `found-${at}`);
  $(`found-${at}`).scrollIntoView({ block: "nearest" });
}

function fold() {
  $("found").hidden = true;
  $("sought").setAttribute("aria-expanded", "false");
  $("sought").removeAttribute("aria-activedescendant");
}

function go(map, { title, lat, lon, block }) {
  $("sought").value = title;
  fold();
  map.jumpTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), 16) });
  if (block) change({ chosen: { block, segment: null } });
}
