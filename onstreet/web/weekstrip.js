// The week of a card: a row for each day, its hours in the colours and words of what holds there.

import { spansOf } from "./charts.js";
import { $, make } from "./dom.js";
import { colourOf, isDark } from "./palette.js";
import { clock, later, money, say, shownDate, shownWeekday } from "./words.js";

const DAY_MIN = 1440;
const HOURS = [0, 3, 6, 9, 12, 15, 18, 21, 24];
const MARKS = { free: "", closed: "×", reserved: "P", unknown: "?" };

// Shows the spans of a week; `date` is the day that is priced.
export function showWeek(week, symbol, date) {
  const monday = week[0].start.slice(0, 10);
  const prices = [...new Set(week.filter(({ state }) => state === "paid").map(({ hourPrice }) => hourPrice ?? 0))].sort((a, b) => a - b);
  const days = Array.from({ length: 7 }, (_, number) => later(`${monday}T00:00`, number * DAY_MIN));
  $("week").replaceChildren(
    make("div", { class: "hours-above", "aria-hidden": "true" }, HOURS.map((hour) => placed(make("span", {}, String(hour)), (hour / 24) * 100))),
    ...days.map((day) => dayRow(day, spansOf(week, day), { symbol, prices, isPriced: day.slice(0, 10) === date })),
  );
  $("week-keys").replaceChildren(...keys(week, symbol, prices));
}

function dayRow(day, spans, { symbol, prices, isPriced }) {
  const [weekday, date] = [shownWeekday(day), shownDate(day)];
  return make("div", { class: isPriced ? "day-row priced" : "day-row" },
    make("span", { class: "day-name" }, weekday, make("small", {}, ` ${date}`)),
    make("ol", { class: "strip", "aria-label": `${weekday} ${date}` }, spans.map((span) => hours(day, span, symbol, prices))));
}

function hours(day, span, symbol, prices) {
  const { from, to, state, price, card } = span;
  const at = (minute) => (minute === DAY_MIN ? "24:00" : clock(later(day, minute)));
  const words = `${at(from)}–${at(to)} ${wordsOf(state, price, symbol)}`;
  const item = make("li", {
    class: `hours-of ${state}`, title: card ? `${words}\n${card}` : words,
    "data-start": from, "data-end": to, "data-state": state, "data-price": price === null ? "" : price,
  });
  const [colour, ink] = paint(state, price, prices);
  item.style.left = `${(from / DAY_MIN) * 100}%`;
  item.style.width = `${((to - from) / DAY_MIN) * 100}%`;
  item.style.setProperty("--own", colour);
  item.style.setProperty("--on-own", ink);
  item.append(make("span", { class: "unseen" }, words), make("b", { "aria-hidden": "true" }, label(state, price, symbol, to - from)));
  return item;
}

// What fits into a span of so many minutes.
function label(state, price, symbol, minutes) {
  if (state !== "paid") return minutes >= 60 ? MARKS[state] : "";
  const said = price === null ? "?" : money(price, symbol);
  return minutes >= 50 * said.length ? said : "";
}

function wordsOf(state, price, symbol) {
  return state === "paid" && price !== null ? say("bench.firstHour", { price: money(price, symbol) }) : say(`state.${state}`);
}

// The colour of a span and of what is written on it.
function paint(state, price, prices) {
  const step = prices.length < 2 ? 1 : 1 + Math.round((4 * prices.indexOf(price ?? 0)) / (prices.length - 1));
  const isLight = isDark() ? !(state === "closed") : state === "paid" && step === 1;
  return [colourOf(state, step), isLight ? "#15181c" : "#ffffff"];
}

function keys(week, symbol, prices) {
  const kinds = [...new Map(week.map((span) => [`${span.state} ${span.hourPrice}`, span])).values()];
  const order = ["free", "paid", "reserved", "closed", "unknown"];
  kinds.sort((a, b) => order.indexOf(a.state) - order.indexOf(b.state) || (a.hourPrice ?? 0) - (b.hourPrice ?? 0));
  return kinds.map(({ state, hourPrice }) => {
    const [colour, ink] = paint(state, hourPrice, prices);
    const sample = make("span", { class: `key ${state}`, "aria-hidden": "true" }, MARKS[state] ?? "");
    sample.style.setProperty("--own", colour);
    sample.style.setProperty("--on-own", ink);
    return make("li", {}, sample, wordsOf(state, hourPrice, symbol));
  });
}

function placed(element, percent) {
  element.style.left = `${percent}%`;
  return element;
}
