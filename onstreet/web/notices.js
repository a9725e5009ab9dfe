// What pages say in passing, what they copy, and how they ask for a key.

import { keepAccess } from "./api.js";
import { $ } from "./dom.js";
import { say } from "./words.js";

let telling = 0;

// Says something for five seconds.
export function tell(text) {
  $("said").textContent = text;
  $("said").classList.add("seen");
  clearTimeout(telling);
  telling = setTimeout(() => $("said").classList.remove("seen"), 5000);
}

export async function copy(text, button) {
  const before = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = say("copied");
  } catch {
    button.textContent = say("notCopied");
  }
  setTimeout(() => (button.textContent = before), 1800);
}

// Asks for a key; resolves to whether there is a new one.
export function openAccess(isRefused) {
  const dialog = $("keys-asked");
  if (isRefused) tell(say("keyRefused"));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener(
      "close",
      () => {
        const access = { id: $("key-id").value.trim(), secret: $("key-secret").value, token: $("token").value.trim() };
        const given = dialog.returnValue === "use" && Boolean(access.token || access.id);
        if (given) keepAccess(access);
        resolve(given);
      },
      { once: true },
    );
  });
}
