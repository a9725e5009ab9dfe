// What stays on a card cost: a row for each arrival of a day, a column for each length, and the receipt of the one chosen.

import { addressOf, ask } from "./api.js";
import { $, make } from "./dom.js";
import { clock, fullDay, lasting, money, say, weekdayClock } from "./words.js";

const ENTRIES = ["06:00", "08:00", "10:00", "12:00", "14:00", "16:00", "18:00", "20:00", "22:00"];
const STAYS_MIN = [15, 30, 60, 120, 240, 480, 1440];

let waiting = 0;
let controller = null;

export function openPrices() {
  $("prices").addEventListener("keydown", (event) => {
    const step = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }[event.key];
    const cell = event.target.closest("td");
    if (!step || !cell) return;
    event.preventDefault();
    const row = $("prices").tBodies[0].rows[cell.parentElement.sectionRowIndex + step[0]];
    row?.cells[cell.cellIndex + step[1]]?.querySelector("button")?.focus();
  });
}

export function clearPrices(reason) {
  clearTimeout(waiting);
  controller?.abort();
  $("prices").replaceChildren();
  $("receipt-of").replaceChildren();
  $("prices-of").textContent = reason;
}

// Asks for the prices of a card on a day, a little later, unless something else is asked meanwhile.
export function showPrices(card, date, symbol, after) {
  clearTimeout(waiting);
  waiting = setTimeout(() => load(card, date, symbol), after);
}

async function load(card, date, symbol) {
  controller?.abort();
  controller = new AbortController();
  const { signal } = controller;
  try {
    const rows = await Promise.all(ENTRIES.map(async (time) => {
      const body = { ...card, entry_time: `${date}T${time}`, duration: STAYS_MIN };
      return (await ask(addressOf("quote", {}), { signal, body })).body;
    }));
    drawTable(rows, date, symbol);
  } catch (error) {
    if (error.name !== "AbortError") clearPrices(error.message);
  }
}

function drawTable(rows, date, symbol) {
  $("prices-of").textContent = say("bench.pricesOf", { day: fullDay(`${date}T12:00`) });
  $("receipt-of").replaceChildren();
  $("prices").replaceChildren(
    make("thead", {}, make("tr", {}, make("th", { scope: "col" }, say("arrival")), STAYS_MIN.map((minutes) => make("th", { scope: "col" }, lasting(minutes))))),
    make("tbody", {}, rows.map((row, at) => make("tr", {},
      make("th", { scope: "row" }, clock(`${date}T${ENTRIES[at]}`)),
      row.explanation.map((receipt, number) => cell(receipt, { entry: `${date}T${ENTRIES[at]}`, minutes: STAYS_MIN[number], symbol, isFirst: !at && !number }))))),
  );
  $("prices").dataset.drawn = String(Number($("prices").dataset.drawn ?? 0) + 1);
}

function cell(receipt, { entry, minutes, symbol, isFirst }) {
  const [state, shown, words] = verdict(receipt, symbol);
  const button = make("button", { type: "button", tabindex: isFirst ? 0 : -1, title: words, "aria-label": `${lasting(minutes)}, ${words}`, "aria-pressed": "false" }, shown);
  button.addEventListener("click", () => choose(button, receipt, { entry, minutes, symbol }));
  button.addEventListener("focus", () => {
    $("prices").querySelectorAll("button").forEach((each) => (each.tabIndex = each === button ? 0 : -1));
  });
  return make("td", { class: state, "data-entry": entry, "data-minutes": minutes, "data-cost": receipt.rate_cost ?? "" }, button);
}

// The state of a stay, what stands in its cell, and the same in words.
function verdict({ isLegal, rate_cost: cost, reason }, symbol) {
  if (isLegal === false) return [reason === "reserved" ? "reserved" : "closed", reason === "reserved" ? "P" : "×", say(`refused.${reason}`).replace(/:$/, "")];
  if (cost === null) return ["unknown", "?", say("state.unknown")];
  return cost ? ["paid", money(cost, symbol), money(cost, symbol)] : ["free", money(0, symbol), say("state.free")];
}

function choose(button, receipt, { entry, minutes, symbol }) {
  $("prices").querySelectorAll("button").forEach((each) => each.setAttribute("aria-pressed", String(each === button)));
  const [, , words] = verdict(receipt, symbol);
  const rows = receipt.items.map((item) => make("tr", {},
    make("td", { class: "when" }, item.minutes ? `${weekdayClock(item.start)}–${clock(item.end)}` : ""),
    make("td", {}, [item.units ? `${item.units} × ` : "", item.rateCard ?? say("bench.noLine"), item.cappedBy ? `, ${say("cappedBy", { line: item.cappedBy })}` : ""].join("")),
    make("td", { class: "amount" }, item.amount === null ? "?" : money(item.amount, symbol))));
  $("receipt-of").replaceChildren(
    make("h3", {}, `${words} ${say("forStay", { stay: lasting(minutes), entry: weekdayClock(entry) })}`),
    receipt.refusedBy ? make("p", { class: "refused" }, make("b", {}, say(`refused.${receipt.reason}`)), ` ${receipt.refusedBy}`) : "",
    make("table", { class: "receipt" }, make("tbody", {}, rows)));
}
