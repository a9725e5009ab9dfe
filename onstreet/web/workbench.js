// The workbench of cards: what is typed is read by POST /card and priced by POST /quote.

import { addressOf, askForAccess, lastOnly } from "./api.js";
import { $, make } from "./dom.js";
import { openEditor, point, showFaults } from "./editor.js";
import { EXAMPLES } from "./examples.js";
import { copy, openAccess, tell } from "./notices.js";
import { onTheme } from "./palette.js";
import { clearPrices, openPrices, showPrices } from "./prices.js";
import { showWeek } from "./weekstrip.js";
import { language, nearest, say, speak } from "./words.js";

const READ_AFTER_MS = 200;
const PRICED_AFTER_MS = 250;
const FIELDS = ["zone", "country", "subdivision", "permits", "date"];
const TEXTS = ["languages", "languages/workbench"];

const asked = { card: "", date: "", zone: "UTC", country: "", subdivision: "", permits: "", strict: false, language: null };
const reading = lastOnly();
let waiting = 0;
let last = null;

async function start() {
  asked.date = workday(new Date());
  Object.assign(asked, EXAMPLES[0].asked, parse(location.hash));
  await speak(nearest(asked.language), TEXTS);
  askForAccess(openAccess);
  openEditor(typed);
  openPrices();
  openControls();
  fill();
  await read();
}

// The first day from a moment on that is no weekend: most signs say more on it.
function workday(moment) {
  const day = new Date(Date.UTC(moment.getFullYear(), moment.getMonth(), moment.getDate()));
  while (day.getUTCDay() % 6 === 0) day.setUTCDate(day.getUTCDate() + 1);
  return day.toISOString().slice(0, 10);
}

function openControls() {
  $("zones").append(...Intl.supportedValuesOf("timeZone").map((zone) => new Option(zone)));
  for (const name of FIELDS) $(name).addEventListener("input", () => changed({ [name]: $(name).value.trim() }));
  $("strict").addEventListener("change", () => changed({ strict: $("strict").checked }));
  $("examples").addEventListener("change", ({ target }) => choose(EXAMPLES[Number(target.value)]));
  $("tidy").addEventListener("click", tidy);
  $("share").addEventListener("click", ({ target }) => {
    write();
    copy(location.href, target);
  });
  $("copy-call").addEventListener("click", ({ target }) => copy($("call").textContent, target));
  $("language").addEventListener("change", async ({ target }) => {
    await speak(target.value, TEXTS);
    asked.language = language;
    fill();
    await read();
  });
  addEventListener("hashchange", () => {
    Object.assign(asked, parse(location.hash));
    fill();
    read();
  });
  onTheme(() => last && show(last));
}

function choose(example) {
  if (!example) return;
  Object.assign(asked, { country: "", subdivision: "", permits: "", strict: false }, example.asked);
  fill();
  read();
}

// Puts what is asked into the controls.
function fill() {
  $("text").value = asked.card;
  for (const name of FIELDS) $(name).value = asked[name];
  $("strict").checked = asked.strict;
  const names = EXAMPLES.map(({ name }, at) => new Option(say(`bench.example.${name}`), at));
  $("examples").replaceChildren(new Option(say("bench.examples"), ""), ...names);
  document.title = `onstreet: ${say("workbench")}`;
}

function typed(text) {
  changed({ card: text });
}

function changed(values) {
  Object.assign(asked, values);
  clearTimeout(waiting);
  waiting = setTimeout(read, READ_AFTER_MS);
}

// What both questions say of the place and the driver; nothing for what is not stated.
function where() {
  const permits = asked.permits.split(",").map((each) => each.trim()).filter(Boolean);
  return Object.fromEntries(
    Object.entries({
      zone: asked.zone,
      country: asked.country.toUpperCase(),
      subdivision: asked.subdivision.toUpperCase(),
      permits: permits.length ? permits : null,
    }).filter(([, value]) => value),
  );
}

function question() {
  return { rateCards: asked.card, entry_time: `${asked.date}T00:00`, locale: language, ...(asked.strict && { strict: true }), ...where() };
}

async function read() {
  clearTimeout(waiting);
  write();
  const sent = question();
  try {
    const { body } = await reading(addressOf("card", {}), sent);
    last = body;
    $("where-fault").textContent = "";
    show(body, sent);
  } catch (error) {
    if (error.name === "AbortError") return;
    $("where-fault").textContent = error.message;
  }
  document.body.dataset.read = String(Number(document.body.dataset.read ?? 0) + 1);
}

function show(body, sent = question()) {
  showFaults(asked.card, body.errors, body.notices);
  $("doubts").replaceChildren(...doubts(body));
  $("printed").replaceChildren(...body.rateCards.map((line) => make("li", {}, line)));
  showData(body, sent);
  const symbol = symbolOf(body.rates);
  showWeek(body.week, symbol, asked.date);
  const lines = asked.card.split(/\r?\n/).filter((line) => line.trim());
  if (body.errors.length || !lines.length) clearPrices(say(lines.length ? "bench.noPrices" : "bench.nothing"));
  else showPrices({ rateCards: lines, ...where() }, asked.date, symbol, PRICED_AFTER_MS);
}

// The card as data, and the question that asks for it.
function showData(body, sent) {
  $("structured").textContent = JSON.stringify(body.structuredRates, null, 1);
  $("json").textContent = JSON.stringify(body.rates, null, 1);
  $("call").textContent = `curl -s ${addressOf("card", {})} -H 'Content-Type: application/json' -d '${JSON.stringify(sent).replace(/'/g, "'\\''")}'`;
}

function doubts({ findings, unknownDays }) {
  const shown = (findings ?? []).map(({ code, lines, message, hint }) =>
    make("li", { "data-code": code },
      make("b", {}, message),
      hint ? make("span", { class: "quiet" }, hint) : null,
      lines.map((line) => make("button", { type: "button", class: "jump", onclick: () => point(line, 1, 1) }, say("bench.line", { line })))));
  if (unknownDays.length) shown.unshift(make("li", { "data-code": "unknown-days" }, make("b", {}, say("bench.unknownDays", { days: unknownDays.join(", ") }))));
  if (findings === null) shown.push(make("li", {}, say("bench.tooLong")));
  return shown.length ? shown : [make("li", { class: "quiet" }, say("bench.noDoubts"))];
}

// The currency that the first price of a card is printed in.
function symbolOf({ lines }) {
  const amounts = lines.map(({ outcome }) => outcome?.low ?? outcome).filter((each) => each?.unit);
  return amounts[0]?.unit ?? "$";
}

// Writes the card in canonical text; lines that cannot be read stay as they are.
async function tidy() {
  try {
    const { body } = await reading(addressOf("card", {}), { rateCards: asked.card });
    asked.card = body.rateCards.join("\n");
    fill();
    await read();
  } catch (error) {
    if (error.name !== "AbortError") tell(error.message);
  }
}

function write() {
  const said = { ...asked, strict: asked.strict ? "1" : "" };
  const parts = Object.entries(said).filter(([, value]) => value).map(([name, value]) => `${name}=${encodeURIComponent(value)}`);
  history.replaceState(null, "", "#" + parts.join("&"));
}

// What an address says; whatever in it is none of ours is left out.
function parse(hash) {
  const said = new URLSearchParams(hash.replace(/^#/, "").replace(/\+/g, "%2B"));
  if (!said.has("card")) return {};
  const found = { card: said.get("card").slice(0, 20_000), strict: said.get("strict") === "1", language: said.get("language") };
  for (const name of FIELDS) found[name] = (said.get(name) ?? (name === "zone" ? "UTC" : "")).slice(0, 200);
  if (!/^\d{4}-\d\d-\d\d$/.test(found.date)) found.date = asked.date;
  return found;
}

start();
