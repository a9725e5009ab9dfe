// The map: what is drawn of the tiles, and how it follows the question.

import { accessHeaders, accessWanted, addressOf, visit } from "./api.js";
import { GLYPHS, serveGlyphs } from "./glyphs.js";
import { colourOf, colours, DASHES, onTheme } from "./palette.js";
import { change, state } from "./state.js";
import { language, money } from "./words.js";

const { maplibregl } = window;
const KERBS_FROM = 14;
const STATES = ["closed", "permit", "unknown", "free", "paid"];
const PICKED = STATES.map((each) => `kerb-${each}`);

const byZoom = (...stops) => ["interpolate", ["exponential", 1.6], ["zoom"], ...stops];

// The address of the tiles of a question, as a template.
const tilesOf = (question) => addressOf("tiles/Z/X/Y.mvt", visit(question)).replace("Z/X/Y", "{z}/{x}/{y}");

export function openMap(fallback, below) {
  serveGlyphs(maplibregl);
  basemap = below;
  const { zoom, lat, lon } = state.view ?? fallback;
  const map = new maplibregl.Map({
    container: "map",
    style: styleOf(),
    center: [lon, lat],
    zoom,
    maxZoom: 20,
    minZoom: 1,
    maxPitch: 0,
    dragRotate: false,
    pitchWithRotate: false,
    attributionControl: false,
    fadeDuration: 120,
    transformRequest: (url) => (url.startsWith(location.origin) ? { url, headers: accessHeaders() } : { url }),
  });
  map.touchZoomRotate.disableRotation();
  map.keyboard.disableRotation();
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new maplibregl.ScaleControl({ maxWidth: 90 }), "bottom-right");
  if (basemap.layers.length) map.addControl(new maplibregl.AttributionControl({ compact: true, customAttribution: basemap.credit }), "bottom-right");
  map.on("moveend", () => {
    const centre = map.getCenter();
    change({ view: { zoom: map.getZoom(), lat: centre.lat, lon: centre.wrap().lng } });
  });
  map.on("error", async ({ error }) => {
    if (error?.status === 401 && (await accessWanted())) reload(map);
  });
  onTheme(() => redraw(map));
  return map;
}

// Draws all anew, in the colours and the language of now.
export function redraw(map) {
  map.setStyle(styleOf(), { diff: true });
  choose(map);
  showArea(map, area);
}

// Shows the tiles of another question in place of those there are, which stay until these have come.
export function reload(map) {
  map.getSource("prices")?.setTiles([tilesOf(state)]);
}

export function choose(map) {
  const chosen = state.chosen;
  const wanted = ["all", ["==", ["get", "block_id"], chosen?.block ?? ""], chosen?.segment ? ["==", ["get", "segment_id"], chosen.segment] : true];
  if (map.getLayer("chosen")) map.setFilter("chosen", wanted);
}

// The kerb nearest to a point of the screen, within a finger of it, as {block, segment}.
export function kerbAt(map, { x, y }, reach = 12) {
  const layers = [...PICKED, "blocks"].filter((each) => map.getLayer(each));
  const seen = map.queryRenderedFeatures([[x - reach, y - reach], [x + reach, y + reach]], { layers });
  const away = (feature) => {
    const lines = feature.geometry.type === "MultiLineString" ? feature.geometry.coordinates : [feature.geometry.coordinates];
    return Math.min(...lines.map((line) => distance(line.map((each) => map.project(each)), { x, y })));
  };
  const nearest = seen.map((feature) => ({ feature, away: away(feature) })).sort((a, b) => a.away - b.away)[0];
  if (!nearest) return null;
  const { block_id, segment_id } = nearest.feature.properties;
  return { block: block_id, segment: segment_id ?? null };
}

function distance(points, { x, y }) {
  let least = Infinity;
  for (let at = 0; at + 1 < points.length; at++) {
    const [a, b] = [points[at], points[at + 1]];
    const [dx, dy] = [b.x - a.x, b.y - a.y];
    const along = Math.max(0, Math.min(1, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1)));
    least = Math.min(least, Math.hypot(a.x + along * dx - x, a.y + along * dy - y));
  }
  return least;
}

// Every kerb, block or cell that is on the screen now.
export function shown(map) {
  const layers = [...PICKED, "blocks", "cells"].filter((each) => map.getLayer(each));
  return map.queryRenderedFeatures({ layers });
}

const EMPTY = { type: "FeatureCollection", features: [] };
let area = null;
let basemap = { sources: {}, layers: [] };

export function showArea(map, geometry) {
  area = geometry;
  map.getSource("area")?.setData(area ?? EMPTY);
}

// What lies below the kerbs: raster tiles, or the sources and layers of a style; nothing where none is set.
export async function loadBasemap({ basemap: url, credit }) {
  if (!url) return { sources: {}, layers: [], credit: "" };
  if (url.includes("{z}")) {
    const paint = { "raster-saturation": -0.85, "raster-opacity": 0.55 };
    return { sources: { below: { type: "raster", tiles: [url], tileSize: 256, maxzoom: 19 } }, layers: [{ id: "below", type: "raster", source: "below", paint }], credit };
  }
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  const { sources, layers, sprite } = await response.json();
  return { sources, layers: layers.map((each) => ({ ...each, id: `below-${each.id}` })), sprite, credit };
}

function styleOf() {
  const own = colours();
  return {
    version: 8,
    glyphs: GLYPHS,
    ...(basemap.sprite ? { sprite: basemap.sprite } : {}),
    sources: {
      ...basemap.sources,
      prices: { type: "vector", tiles: [tilesOf(state)], minzoom: 0, maxzoom: 16 },
      area: { type: "geojson", data: area ?? EMPTY },
    },
    layers: [
      { id: "land", type: "background", paint: { "background-color": own.land } },
      ...basemap.layers,
      ...(basemap.layers.length ? [] : streets(own)),
      ...cells(own),
      ...blocks(),
      ...kerbs(own),
      ...names(own).filter(({ id }) => id !== "names" || !basemap.layers.length),
      { id: "area", type: "fill", source: "area", paint: { "fill-color": own.area, "fill-opacity": 0.12 } },
      { id: "area-line", type: "line", source: "area", paint: { "line-color": own.area, "line-width": 2, "line-dasharray": [3, 2] } },
    ],
  };
}

const line = (id, layer, paint, more = {}) => ({
  id,
  type: "line",
  source: "prices",
  "source-layer": layer,
  layout: { "line-cap": "round", "line-join": "round", ...more.layout },
  paint,
  ...(more.filter ? { filter: more.filter } : {}),
  minzoom: more.minzoom ?? 0,
});

function streets(own) {
  const width = byZoom(KERBS_FROM, 5, 16, 11, 18, 34, 20, 120);
  const wider = byZoom(KERBS_FROM, 6.5, 16, 13, 18, 37, 20, 124);
  return [
    line("edges", "streets", { "line-color": own.edge, "line-width": wider }, { minzoom: KERBS_FROM }),
    line("streets", "streets", { "line-color": own.street, "line-width": width }, { minzoom: KERBS_FROM }),
  ];
}

const is = (name) => ["==", ["get", "state"], name];
const coloured = () => [
  "match",
  ["get", "state"],
  ...["free", "permit", "closed", "unknown"].flatMap((each) => [each, colourOf(each)]),
  ["match", ["get", "class"], ...[1, 2, 3, 4].flatMap((each) => [each, colourOf("paid", each)]), colourOf("paid", 5)],
];

function cells(own) {
  const radius = ["interpolate", ["linear"], ["sqrt", ["get", "blocks"]], 1, 2.5, 10, 5, 40, 9, 200, 16];
  return [{
    id: "cells",
    type: "circle",
    source: "prices",
    "source-layer": "cells",
    paint: {
      "circle-color": coloured(),
      "circle-radius": radius,
      "circle-opacity": ["-", 0.92, ["*", 0.5, ["coalesce", ["get", "closed_share"], 0]]],
      "circle-stroke-color": own.land,
      "circle-stroke-width": 1,
    },
  }];
}

function blocks() {
  const width = byZoom(10, 1, 12, 1.8, 14, 3.5);
  const order = ["match", ["get", "state"], "paid", 4, "free", 3, "unknown", 2, "permit", 1, 0];
  return [line("blocks", "blocks", { "line-color": coloured(), "line-width": width, "line-opacity": ["match", ["get", "state"], ["closed", "permit"], 0.5, 1] }, { layout: { "line-sort-key": order } })];
}

// Kerbs run beside their street; where the map is too small for the metres between, they are moved apart.
function kerbs(own) {
  const side = (pixels) => ["case", ["==", ["get", "side"], "LEFT"], -pixels, pixels];
  const apart = ["interpolate", ["linear"], ["zoom"], KERBS_FROM, side(1.6), 16, side(1.7), 17.5, side(0)];
  const wide = (factor) => byZoom(KERBS_FROM, 2 * factor, 16, 4 * factor, 18, 8 * factor, 20, 16 * factor);
  const kerb = (name, paint, layout) => line(`kerb-${name}`, "segments", { "line-color": coloured(), "line-width": wide(1), "line-offset": apart, ...paint }, { layout, filter: is(name) });
  return [
    line("chosen", "segments", { "line-color": own.chosen, "line-width": byZoom(KERBS_FROM, 6, 16, 10, 18, 17, 20, 28), "line-offset": apart }, { filter: ["==", ["get", "block_id"], ""] }),
    kerb("closed", { "line-dasharray": DASHES.closed, "line-width": wide(0.6) }, { "line-cap": "butt" }),
    kerb("permit", { "line-dasharray": DASHES.permit, "line-width": wide(0.85) }),
    kerb("unknown", { "line-width": wide(0.9) }),
    line("hollow", "segments", { "line-color": own.street, "line-width": wide(0.4), "line-offset": apart }, { filter: is("unknown") }),
    kerb("free", {}, {}),
    kerb("paid", {}, { "line-sort-key": ["get", "class"] }),
  ];
}

function names(own) {
  const paint = { "text-color": own.label, "text-halo-color": own.halo, "text-halo-width": 1.6 };
  const text = (id, layer, field, minzoom, more, weight = "plain") => ({
    id, type: "symbol", source: "prices", "source-layer": layer, minzoom, paint,
    layout: { "symbol-placement": "line", "text-field": field, "text-font": [weight], "text-max-angle": 35, ...more },
  });
  const amount = ["number-format", ["get", "cost"], { locale: language, "max-fraction-digits": 2, "min-fraction-digits": ["case", ["==", ["get", "cost"], ["floor", ["get", "cost"]]], 0, 2] }];
  const symbol = ["get", "currency"];
  const cost = money(1, "$").startsWith("$") ? ["concat", symbol, amount] : ["concat", amount, " ", symbol];
  return [
    text("names", "streets", ["get", "name"], 14.5, { "text-size": byZoom(15, 11, 18, 15), "symbol-spacing": 380, "text-padding": 8 }),
    {
      ...text("costs", "segments", cost, 17.2, { "text-size": 12, "text-offset": ["match", ["get", "side"], "LEFT", ["literal", [0, -1.1]], ["literal", [0, 1.1]]], "symbol-spacing": 200 }, "strong"),
      filter: ["==", ["get", "state"], "paid"],
    },
  ];
}
