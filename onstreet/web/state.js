// What the page shows, in one place; all of it is in the address, so that a link shows the same to somebody else.

const listeners = [];
let writing = 0;

// entry: wall-clock time as "2026-06-11T10:00", null for now; stay in minutes; chosen: {block, segment};
// area: {kind: "box", north, west, south, east} or {kind: "circle", lat, lon, radius}, radius in metres.
export const state = {
  view: null,
  entry: null,
  stay: 60,
  permits: "",
  language: null,
  chosen: null,
  area: null,
};

// Calls `listener(changed)` with the set of names whose values are new.
export function onChange(listener) {
  listeners.push(listener);
}

export function change(values) {
  const changed = new Set();
  for (const [name, value] of Object.entries(values)) {
    if (JSON.stringify(state[name]) !== JSON.stringify(value)) {
      state[name] = value;
      changed.add(name);
    }
  }
  if (changed.size) {
    listeners.forEach((listener) => listener(changed));
    // Browsers refuse more than a hundred changes of the address in half a minute.
    clearTimeout(writing);
    writing = setTimeout(write, 250);
  }
}

export function link() {
  return location.origin + location.pathname + "#" + format(state);
}

export function write() {
  clearTimeout(writing);
  history.replaceState(null, "", "#" + format(state));
}

const round = (value, digits) => String(Number(value.toFixed(digits)));

export function format({ view, entry, stay, permits, language, chosen, area }) {
  const parts = [];
  const add = (name, value) => parts.push(`${name}=${encodeURIComponent(value).replace(/%(2C|2F|3A|7C)/g, decodeURIComponent)}`);
  if (view) add("map", [round(view.zoom, 2), round(view.lat, 5), round(view.lon, 5)].join("/"));
  if (entry) add("entry", entry);
  add("stay", stay);
  if (permits) add("permits", permits);
  if (chosen) add("kerb", chosen.segment ? `${chosen.block}/${chosen.segment}` : chosen.block);
  if (area?.kind === "box") add("box", [area.north, area.west, area.south, area.east].map((each) => round(each, 6)).join("/"));
  if (area?.kind === "circle") add("circle", [round(area.lat, 6), round(area.lon, 6), round(area.radius, 0)].join("/"));
  if (language) add("lang", language);
  return parts.join("&");
}

// What an address says; whatever in it is none of ours is left out.
export function parse(hash) {
  const said = new Map([...new URLSearchParams(hash.replace(/^#/, "").replace(/\+/g, "%2B"))]);
  const numbers = (name, count) => {
    const values = (said.get(name) ?? "").split("/").map((each) => (each === "" ? NaN : Number(each)));
    return values.length === count && values.every(Number.isFinite) ? values : null;
  };
  const read = {};
  const view = numbers("map", 3);
  if (view) read.view = { zoom: view[0], lat: view[1], lon: view[2] };
  const entry = said.get("entry");
  if (/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(entry ?? "") && !Number.isNaN(Date.parse(entry + "Z"))) read.entry = entry;
  const stay = Number(said.get("stay"));
  if (Number.isInteger(stay) && stay >= 1 && stay <= 44640) read.stay = stay;
  if (said.get("permits")) read.permits = said.get("permits");
  if (said.get("kerb")) {
    const [block, ...segment] = said.get("kerb").split("/");
    read.chosen = { block, segment: segment.join("/") || null };
  }
  const box = numbers("box", 4);
  if (box) read.area = { kind: "box", north: box[0], west: box[1], south: box[2], east: box[3] };
  const circle = numbers("circle", 3);
  if (circle) read.area = { kind: "circle", lat: circle[0], lon: circle[1], radius: circle[2] };
  if (said.get("lang")) read.language = said.get("lang");
  return read;
}
