// Colours of the map, light and dark. The classes of prices darken (or, on dark, cool) from step to step, so that they
// can be told apart without seeing hues; what may not be used has patterns of its own.

const LIGHT = {
  land: "#f0f1ed",
  street: "#ffffff",
  edge: "#dadeda",
  label: "#4e555b",
  halo: "#ffffff",
  free: "#08857f",
  paid: ["#d98200", "#d2502c", "#b02663", "#74257d", "#371a6b"],
  permit: "#4a72b0",
  closed: "#81878d",
  unknown: "#6b7278",
  chosen: "#15181c",
  area: "#1f5fbf",
};
const DARK = {
  land: "#14181c",
  street: "#262d34",
  edge: "#0d1013",
  label: "#b3bcc5",
  halo: "#14181c",
  free: "#35c9bb",
  paid: ["#ffd27a", "#ff9d5c", "#ff6f91", "#d77bf0", "#9d8cff"],
  permit: "#8fb3e8",
  closed: "#78828c",
  unknown: "#a5afb8",
  chosen: "#ffffff",
  area: "#7fb0ff",
};

const dark = matchMedia("(prefers-color-scheme: dark)");

export const isDark = () => dark.matches;
export const colours = () => (dark.matches ? DARK : LIGHT);
export const onTheme = (listener) => dark.addEventListener("change", listener);

// The colour of what a kerb, or an hour of it, costs: one of the states, and the class of the price.
export function colourOf(state, priceClass) {
  const own = colours();
  if (state === "paid") return own.paid[Math.min(5, Math.max(1, priceClass ?? 1)) - 1];
  return own[state === "reserved" ? "permit" : state] ?? own.unknown;
}

// Dashes in widths of the line, by state.
export const DASHES = { permit: [0.1, 1.7], closed: [1.1, 1.1] };

// The class of a price, as the tiles count them.
export const classOf = (cost, breaks, unit = 1) => (cost === 0 ? 0 : 1 + breaks.filter((each) => cost > each * unit).length);
