// When one arrives and for how long: the controls, the slider, and the play button that runs through the day.

import { $ } from "./dom.js";
import { change, onChange, state } from "./state.js";
import { clock, later, lasting, say } from "./words.js";

const STAYS = [15, 30, 60, 90, 120, 180, 240, 360, 480, 720, 1440];
const STEP_MIN = 15;
const LEAST_MS = 420;

let offset = -new Date().getTimezoneOffset() * 60;
let playing = false;

// How far ahead of UTC the clocks on the map are, in seconds.
export function setOffset(seconds) {
  if (Number.isFinite(seconds)) offset = seconds;
  if (!state.entry) show();
}

// The wall-clock time that is shown: the entry, or now where the map is.
export const shownEntry = () => state.entry ?? new Date(Date.now() + offset * 1000).toISOString().slice(0, 16);

// `settled()` resolves once the map shows what was asked last.
export function openClock(settled) {
  const set = (entry) => change({ entry });
  $("date").addEventListener("change", ({ target }) => target.value && set(`${target.value}T${shownEntry().slice(11)}`));
  $("time").addEventListener("change", ({ target }) => target.value && set(`${shownEntry().slice(0, 10)}T${target.value.slice(0, 5)}`));
  $("minute").addEventListener("input", ({ target }) => {
    stop();
    set(`${shownEntry().slice(0, 10)}T${atMinute(Number(target.value))}`);
  });
  $("stay").addEventListener("change", ({ target }) => change({ stay: Number(target.value) }));
  $("permits").addEventListener("change", ({ target }) => change({ permits: target.value.trim() }));
  $("now").addEventListener("click", () => {
    stop();
    set(null);
  });
  $("play").addEventListener("click", () => (playing ? stop() : play(settled)));
  onChange((changed) => ["entry", "stay", "permits", "language"].some((each) => changed.has(each)) && show());
  setInterval(() => state.entry || show(), 30_000);
  show();
}

const atMinute = (minute) => new Date(minute * 60_000).toISOString().slice(11, 16);

function show() {
  const entry = shownEntry();
  const minute = Number(entry.slice(11, 13)) * 60 + Number(entry.slice(14));
  if (document.activeElement !== $("date")) $("date").value = entry.slice(0, 10);
  if (document.activeElement !== $("time")) $("time").value = entry.slice(11);
  $("minute").value = minute;
  $("minute").setAttribute("aria-valuetext", clock(entry));
  const stays = [...new Set([...STAYS, state.stay])].sort((a, b) => a - b);
  $("stay").replaceChildren(...stays.map((each) => new Option(lasting(each), each, false, each === state.stay)));
  if (document.activeElement !== $("permits")) $("permits").value = state.permits;
  $("now").setAttribute("aria-pressed", String(!state.entry));
  $("hours").replaceChildren(...[0, 6, 12, 18, 24].map((hour) => Object.assign(document.createElement("span"), { textContent: clock(`2026-01-01T${String(hour % 24).padStart(2, "0")}:00`) })));
}

async function play(settled) {
  playing = true;
  showPlaying();
  const start = shownEntry();
  const last = start.slice(0, 10);
  let entry = start.slice(0, 14) + String(Math.floor(Number(start.slice(14)) / STEP_MIN) * STEP_MIN).padStart(2, "0");
  while (playing) {
    entry = later(entry, STEP_MIN);
    // Behind midnight the same day begins anew.
    entry = last + entry.slice(10);
    change({ entry });
    await Promise.all([settled(), new Promise((resolve) => setTimeout(resolve, LEAST_MS))]);
  }
}

export function stop() {
  playing = false;
  showPlaying();
}

function showPlaying() {
  const label = say(playing ? "pause" : "play");
  $("play").setAttribute("aria-pressed", String(playing));
  $("play").setAttribute("aria-label", label);
  $("play").title = label;
}
