// The texts of the page in the locales that cards are printed in, and numbers, money and times as they are written there.

import { $ } from "./dom.js";

export const LANGUAGES = {
  "en-GB": "English (UK)",
  "en-US": "English (US)",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  it: "Italiano",
  nl: "Nederlands",
};

let texts = {};
export let language = "en-GB";

// The language asked for, else the first one of the browser's that there is.
export function nearest(asked) {
  const known = Object.keys(LANGUAGES);
  for (const wanted of [asked, ...navigator.languages].filter(Boolean)) {
    const found = known.find((each) => each.toLowerCase() === wanted.toLowerCase()) ?? known.find((each) => each === wanted.slice(0, 2).toLowerCase());
    if (found) return found;
    if (/^en\b/i.test(wanted)) return /-us$/i.test(wanted) || wanted.length === 2 ? "en-US" : "en-GB";
  }
  return "en-GB";
}

// Speaks a language, with the texts of these folders.
export async function speak(wanted, folders = ["languages"]) {
  const read = async (path) => (await fetch(new URL(path, import.meta.url))).json();
  const load = async (name) => Object.assign({}, ...(await Promise.all(folders.map((folder) => read(`${folder}/${name}.json`)))));
  const [base, own] = await Promise.all([load("en-GB"), wanted === "en-GB" ? {} : load(wanted)]);
  texts = { ...base, ...own };
  language = wanted;
  document.documentElement.lang = wanted;
  for (const element of document.querySelectorAll("[data-t]")) element.textContent = say(element.dataset.t);
  for (const element of document.querySelectorAll("[data-t-placeholder]")) element.placeholder = say(element.dataset.tPlaceholder);
  for (const element of document.querySelectorAll("[data-t-label]")) element.setAttribute("aria-label", say(element.dataset.tLabel));
  for (const element of document.querySelectorAll("[data-t-title]")) {
    element.title = say(element.dataset.tTitle);
    element.setAttribute("aria-label", element.title);
  }
  $("language").replaceChildren(...Object.entries(LANGUAGES).map(([name, shown]) => new Option(shown, name, false, name === wanted)));
}

// A text with its {values}.
export function say(name, values = {}) {
  return (texts[name] ?? name).replace(/\{(\w+)\}/g, (_, value) => values[value] ?? "");
}

export const counted = (value) => new Intl.NumberFormat(language).format(value);

export function money(amount, symbol) {
  const digits = Number.isInteger(amount) ? 0 : 2;
  const number = new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: 2 }).format(amount);
  const gap = symbol.length > 1 ? "\u00a0" : "";
  if (language.startsWith("en")) return /^(kr|Fr|zł)$/.test(symbol) ? `${number}\u00a0${symbol}` : symbol + gap + number;
  return language === "nl" ? `${symbol}\u00a0${number}` : `${number}\u00a0${symbol}`;
}

// Wall-clock times come as "2026-06-11T10:00", with or without seconds and offset, and are shown as they stand.
const wall = (iso) => Date.parse(iso.slice(0, 16) + "Z");
const shown = (iso, options) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options }).format(wall(iso));

export const clock = (iso) => shown(iso, { hour: "numeric", minute: "2-digit" });
export const weekdayClock = (iso) => shown(iso, { weekday: "short", hour: "numeric", minute: "2-digit" });
export const shownWeekday = (iso) => shown(iso, { weekday: "short" });
export const shownDate = (iso) => shown(iso, { day: "numeric", month: "short" });
export const fullDay = (iso) => shown(iso, { weekday: "long", day: "numeric", month: "long" });
export const minutesBetween = (from, to) => (wall(to) - wall(from)) / 60000;
export const later = (iso, minutes) => new Date(wall(iso) + minutes * 60000).toISOString().slice(0, 16);

export function lasting(minutes) {
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  const part = (value, unit) => new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(value);
  if (minutes > 24 * 60 && minutes % 1440 === 0) return part(minutes / 1440, "day");
  return [hours && part(hours, "hour"), rest && part(rest, "minute")].filter(Boolean).join(" ");
}

export function metres(value) {
  const [amount, unit] = value >= 1000 ? [Math.round(value / 100) / 10, "kilometer"] : [value, "meter"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(amount);
}
