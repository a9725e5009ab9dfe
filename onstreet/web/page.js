// The map page: what stands where, and what follows what.

import { addressOf, ask, askForAccess } from "./api.js";
import { isDrawing, openArea } from "./area.js";
import { openClock, setOffset, shownEntry, stop } from "./clock.js";
import { $ } from "./dom.js";
import { drawLegend } from "./legend.js";
import { choose, kerbAt, loadBasemap, openMap, redraw, reload, shown } from "./map.js";
import { onTheme } from "./palette.js";
import { copy, openAccess, tell } from "./notices.js";
import { openPanel } from "./panel.js";
import { openSearch } from "./search.js";
import { change, link, onChange, parse, state, write } from "./state.js";
import { clock, language, nearest, say, speak } from "./words.js";

const NOW_EVERY_MS = 5 * 60_000;
let faults = 0;

async function start() {
  change(parse(location.hash));
  await speak(nearest(state.language));
  askForAccess(openAccess);
  $("legend").firstElementChild.open = innerWidth > 760;
  const [tiles, below] = await Promise.all([described(), loadBasemap(document.documentElement.dataset).catch(missing)]);
  const map = openMap(beginning(tiles), below);
  window.onstreet = { map, state };
  openClock(() => settled(map));
  openSearch(map);
  openTools(map);
  map.once("load", () => {
    openArea(map);
    openPanel(map, tiles);
    choose(map);
    follow(map, tiles);
  });
  watch(map, tiles);
}

// What the tiles say of themselves; without it the map is of the whole world.
async function described() {
  try {
    return (await ask(addressOf("tiles.json", {}))).body;
  } catch (error) {
    tell(error.message);
    return { bounds: [-180, -85, 180, 85], center: [0, 20], price_breaks: [1, 2, 4, 8] };
  }
}

function missing(error) {
  tell(say("fault", { message: error.message }));
  return loadBasemap({ basemap: "" });
}

// Where the map begins: over all that there is if that is a city, else where much of it is.
function beginning({ bounds: [west, south, east, north], center: [lon, lat] }) {
  const across = Math.max(east - west, (north - south) * 1.3, 0.004);
  const middle = { lat: (south + north) / 2, lon: (west + east) / 2 };
  if (across > 5) return { zoom: 4, ...middle };
  const zoom = Math.log2((360 * innerWidth) / 512 / across) - 0.4;
  return { zoom: Math.max(14.8, Math.min(zoom, 16.5)), ...(across < 0.03 ? middle : { lat, lon }) };
}

function follow(map, tiles) {
  onChange(async (changed) => {
    if (["entry", "stay", "permits"].some((each) => changed.has(each))) reload(map);
    if (changed.has("chosen")) choose(map);
    if (changed.has("entry") && state.entry) $("said").textContent = say("nowShown", { time: clock(state.entry) });
  });
  onTheme(() => drawLegend(map, tiles.price_breaks));
  $("language").addEventListener("change", async ({ target }) => {
    await speak(target.value);
    stop();
    change({ language });
    redraw(map);
    drawLegend(map, tiles.price_breaks);
  });
  addEventListener("hashchange", () => {
    const read = parse(location.hash);
    if (read.view) map.jumpTo({ center: [read.view.lon, read.view.lat], zoom: read.view.zoom });
    change({ entry: null, stay: 60, permits: "", chosen: null, area: null, ...read });
  });
  setInterval(() => state.entry || reload(map), NOW_EVERY_MS);
  write();
  ask(addressOf("blocks", { point: `${map.getCenter().lat.toFixed(5)}|${map.getCenter().wrap().lng.toFixed(5)}`, radius: 2000, limit: 1, outputfields: "offset" }))
    .then(({ body }) => setOffset(body.result[0]?.offset))
    .catch(() => {});
}

// Loading, nothing here, and errors.
function watch(map, tiles) {
  const canvas = map.getCanvas();
  canvas.setAttribute("aria-label", say("mapLabel"));
  map.on("dataloading", () => ($("loading").hidden = false));
  map.on("idle", () => {
    $("loading").hidden = true;
    faults = 0;
    $("empty").hidden = shown(map).length > 0;
    drawLegend(map, tiles.price_breaks);
    document.body.dataset.idle = String(Number(document.body.dataset.idle ?? 0) + 1);
  });
  map.on("error", ({ error }) => {
    if (error?.status === 401 || error?.name === "AbortError") return;
    if (faults++ === 0) tell(say("fault", { message: error?.message ?? "" }));
  });
  map.on("click", (event) => isDrawing() || pick(map, event.point));
  map.on("mousemove", ({ point }) => (canvas.style.cursor = isDrawing() ? "crosshair" : kerbAt(map, point) ? "pointer" : ""));
  canvas.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    const { width, height } = canvas.getBoundingClientRect();
    pick(map, { x: width / 2, y: height / 2 }, 60);
  });
  $("home").addEventListener("click", () => {
    const { zoom, lat, lon } = beginning(tiles);
    map.jumpTo({ center: [lon, lat], zoom });
  });
}

function pick(map, point, reach) {
  const chosen = kerbAt(map, point, reach);
  if (chosen) change({ chosen });
}

// Resolves once the map shows all that was asked of it, or soon.
function settled(map) {
  return new Promise((resolve) => {
    map.once("idle", resolve);
    setTimeout(resolve, 3000);
  });
}

function openTools(map) {
  $("locate").addEventListener("click", () => {
    if (!navigator.geolocation) return tell(say("noLocation"));
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => map.jumpTo({ center: [coords.longitude, coords.latitude], zoom: Math.max(16, map.getZoom()) }),
      () => tell(say("noLocation")),
      { enableHighAccuracy: true, timeout: 10_000 },
    );
  });
  $("share").addEventListener("click", async () => {
    // A link shows others the hour that is seen here, and not their own.
    if (!state.entry) change({ entry: shownEntry() });
    write();
    const said = { textContent: "" };
    await copy(link(), said);
    tell(said.textContent);
  });
}

start();
