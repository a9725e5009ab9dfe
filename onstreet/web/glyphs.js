// Letters for labels on the map, drawn with the fonts of this device instead of loaded from anywhere: each range of 256
// as the signed distance fields that MapLibre expects (https://github.com/mapbox/node-fontnik, glyphs.proto).

const SIZE = 24;
const BUFFER = 3;
const RADIUS = 8;
const CUTOFF = 0.25;
const FAR = 1e20;
const CELL = SIZE + 4 * BUFFER;
const FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', 'DejaVu Sans', sans-serif";

export function serveGlyphs(maplibre) {
  const known = new Map();
  maplibre.addProtocol("letters", async ({ url }) => {
    const [, font, first] = /letters:\/\/(.+)\/(\d+)-/.exec(url);
    if (!known.has(url)) known.set(url, rangeOf(font, Number(first)));
    // The receiver takes the buffer away.
    return { data: known.get(url).slice(0).buffer };
  });
}

export const GLYPHS = "letters://{fontstack}/{range}";

function rangeOf(font, first) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = CELL;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.font = `${/strong|bold/i.test(font) ? 600 : 400} ${SIZE}px ${FONTS}`;
  context.textBaseline = "alphabetic";
  const glyphs = [];
  for (let code = Math.max(first, 32); code < first + 256; code++) {
    if (code >= 0xd800 && code < 0xe000) continue;
    glyphs.push(field(3, glyphOf(context, code)));
  }
  const stack = bytes([...field(1, text(font)), ...field(2, text(`${first}-${first + 255}`))], ...glyphs);
  return bytes(field(1, stack));
}

function glyphOf(context, code) {
  const letter = String.fromCodePoint(code);
  const size = context.measureText(letter);
  const ascent = Math.max(0, Math.ceil(size.actualBoundingBoxAscent));
  const left = Math.floor(-size.actualBoundingBoxLeft) || 0;
  const width = Math.max(0, Math.min(CELL - 2 * BUFFER, Math.ceil(size.actualBoundingBoxRight) - left));
  const height = Math.max(0, Math.min(CELL - 2 * BUFFER, ascent + Math.ceil(size.actualBoundingBoxDescent)));
  const metrics = [
    ...number(1, code),
    ...number(3, width),
    ...number(4, height),
    ...number(5, zigzag(left)),
    // MapLibre counts from the top of a line of 24 px, whose letters stand 27 px below.
    ...number(6, zigzag(ascent - 26)),
    ...number(7, Math.round(size.width)),
  ];
  if (!width || !height) return bytes(metrics);
  const full = { width: width + 2 * BUFFER, height: height + 2 * BUFFER };
  context.clearRect(0, 0, CELL, CELL);
  context.fillText(letter, BUFFER - left, BUFFER + ascent);
  const { data } = context.getImageData(0, 0, full.width, full.height);
  return bytes(metrics, field(2, distances(data, full.width, full.height)));
}

// How far each pixel is from the outline, inside above and outside below CUTOFF of 255.
function distances(pixels, width, height) {
  const outer = new Float64Array(width * height);
  const inner = new Float64Array(width * height);
  for (let at = 0; at < outer.length; at++) {
    const alpha = pixels[4 * at + 3] / 255;
    outer[at] = alpha === 1 ? 0 : alpha === 0 ? FAR : Math.max(0, 0.5 - alpha) ** 2;
    inner[at] = alpha === 1 ? FAR : alpha === 0 ? 0 : Math.max(0, alpha - 0.5) ** 2;
  }
  transform(outer, width, height);
  transform(inner, width, height);
  return Uint8ClampedArray.from(outer, (each, at) => Math.round(255 - 255 * ((Math.sqrt(each) - Math.sqrt(inner[at])) / RADIUS + CUTOFF)));
}

// Squares of Euclidean distances, by columns and then by rows (Felzenszwalb and Huttenlocher 2012).
function transform(grid, width, height) {
  for (let x = 0; x < width; x++) along(grid, x, width, height);
  for (let y = 0; y < height; y++) along(grid, y * width, 1, width);
}

function along(grid, offset, stride, length) {
  const values = Float64Array.from({ length }, (_, at) => grid[offset + at * stride]);
  const lowest = new Uint16Array(length);
  const starts = new Float64Array(length + 1).fill(FAR, 1);
  starts[0] = -FAR;
  for (let q = 1, k = 0, crossing = 0; q < length; q++) {
    do {
      const r = lowest[k];
      crossing = (values[q] - values[r] + q * q - r * r) / (2 * (q - r));
    } while (crossing <= starts[k] && --k > -1);
    lowest[++k] = q;
    starts[k] = crossing;
    starts[k + 1] = FAR;
  }
  for (let q = 0, k = 0; q < length; q++) {
    while (starts[k + 1] < q) k++;
    grid[offset + q * stride] = values[lowest[k]] + (q - lowest[k]) ** 2;
  }
}

// Protocol buffers, as far as they are needed.
const text = (value) => new TextEncoder().encode(value);
const zigzag = (value) => (value << 1) ^ (value >> 31);

function varint(value) {
  const written = [];
  for (; value > 127; value >>>= 7) written.push((value & 127) | 128);
  return [...written, value];
}

const number = (tag, value) => [tag << 3, ...varint(value)];
const field = (tag, content) => bytes([(tag << 3) | 2, ...varint(content.length)], content);

function bytes(...parts) {
  const joined = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
