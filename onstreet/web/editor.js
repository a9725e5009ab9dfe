// The text of a card with waves under what cannot be read, and below it every fault with a caret where it is.

import { $, make } from "./dom.js";
import { counted, say } from "./words.js";

// Columns count whole characters, as the service does.
const letters = (text) => Array.from(text);

export function openEditor(typed) {
  $("text").addEventListener("input", () => {
    draw($("text").value, []);
    typed($("text").value);
  });
  $("text").addEventListener("scroll", follow);
}

function follow() {
  $("mirror").scrollTop = $("text").scrollTop;
}

// Shows what is wrong with a text and what was read leniently.
export function showFaults(text, errors, notices) {
  draw(text, [...errors.map((each) => ({ ...each, kind: "fault" })), ...notices.map((each) => ({ ...each, kind: "notice" }))]);
  const faulty = new Set(errors.map(({ line }) => line)).size;
  const lines = text.split(/\r?\n/).filter((line) => line.trim()).length;
  $("verdict").textContent = errors.length ? say("bench.faults", { faulty: counted(faulty), lines: counted(lines) }) : lines ? say("bench.readable") : say("bench.nothing");
  $("verdict").className = errors.length ? "refused" : "quiet";
  $("text").setAttribute("aria-invalid", String(errors.length > 0));
  const relaxed = Map.groupBy(notices, ({ line }) => line).values();
  $("faults").replaceChildren(...errors.map((each) => entry("fault", [each])), ...[...relaxed].map((several) => entry("notice", several)));
}

// What is said of one line: the line, and carets below the places that are meant.
function entry(kind, several) {
  const [{ line, column, end, text }] = several;
  const shown = letters(text).map((letter) => (/\p{C}/u.test(letter) ? " " : letter)).join("");
  return make("li", { class: kind, "data-line": line, "data-column": column },
    make("button", { type: "button", class: "jump", onclick: () => point(line, column, end) }, say("bench.line", { line })),
    make("span", {}, several.map(({ message }) => message).join("; ")),
    make("pre", { tabindex: "0", role: "img", "aria-label": say("bench.at", { line, column }) }, `${shown}\n`, make("i", {}, carets(several))));
}

function carets(several) {
  return several.reduce((drawn, { column, end }) => drawn.padEnd(column - 1) + "~".repeat(Math.max(0, end - Math.max(column, drawn.length + 1) - 1)) + "^", "");
}

// Puts the cursor where something is.
export function point(line, column, end) {
  const lines = $("text").value.split("\n");
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const inLine = (count) => letters(lines[line - 1] ?? "").slice(0, count).join("").length;
  $("text").focus();
  $("text").setSelectionRange(before + inLine(column - 1), before + inLine(Math.max(column, end) - 1));
}

// The same text behind the field, with marks; the field itself stays plain.
function draw(text, marks) {
  const lines = text.split("\n").map((line, at) => marked(line.replace(/\r$/, ""), marks.filter((mark) => mark.line === at + 1)));
  $("mirror").replaceChildren(...lines.flatMap((parts) => [...parts, "\n"]), " ");
  follow();
}

function marked(line, marks) {
  const parts = [];
  let done = 0;
  const all = letters(line);
  for (const { column, end, kind } of marks.toSorted((one, other) => one.column - other.column)) {
    const [from, to] = [Math.max(done, column - 1), Math.max(end - 1, column)];
    if (from >= to) continue;
    parts.push(all.slice(done, from).join(""), make("mark", { class: kind }, all.slice(from, to).join("") || " "));
    done = to;
  }
  return [...parts, all.slice(done).join("")];
}
