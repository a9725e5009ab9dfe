// Questions to the public API of this host, with the key that somebody gave for it.

const ACCESS = "onstreet-access";
let asking = null;

// An answer that is an error: `status`, and what the service said.
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// The address of a resource; `|`, `,` and `:` stay as they are, to be read by people.
export function addressOf(path, parameters) {
  const pairs = Object.entries(parameters).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const query = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value).replace(/%(7C|2C|3A)/g, decodeURIComponent)}`);
  return new URL(path, document.baseURI).href + (query.length ? "?" + query.join("&") : "");
}

// What is asked of every kerb: the entry, unless it is now, the stay and the permits.
export function visit({ entry, stay, permits }) {
  return { entry_time: entry, duration: stay, permits };
}

export function accessHeaders() {
  const access = JSON.parse(sessionStorage.getItem(ACCESS) ?? "{}");
  if (access.token) return { Authorization: `Bearer ${access.token}` };
  return access.id ? { "X-API-Key": access.id, "X-API-Secret": access.secret ?? "" } : {};
}

export function keepAccess(access) {
  sessionStorage.setItem(ACCESS, JSON.stringify(access));
}

// Asks with `ask(isRefused)` for a key when one is needed; it resolves to whether there is a new one.
export function askForAccess(ask) {
  asking = ask;
}

let pending = null;

export async function accessWanted() {
  pending ??= Promise.resolve(asking?.(Object.keys(accessHeaders()).length > 0)).finally(() => (pending = null));
  return pending;
}

// The JSON of an answer and its number of blocks in all; throws Refused.
export async function ask(address, { signal, tries = 3, body: sent = null } = {}) {
  const posted = sent && { method: "POST", body: JSON.stringify(sent) };
  const headers = { ...accessHeaders(), ...(sent && { "Content-Type": "application/json" }) };
  let response;
  try {
    response = await fetch(address, { headers, signal, ...posted });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, error.message);
  }
  if (response.status === 401 && tries > 0 && (await accessWanted())) return ask(address, { signal, tries: tries - 1, body: sent });
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(response.status, body.error?.message ?? response.statusText);
  return { body, total: Number(response.headers.get("X-Total-Count")) };
}

// Makes questions of one kind, of which only the last one matters.
export function lastOnly() {
  let controller = null;
  return async (address, body = null) => {
    controller?.abort();
    controller = new AbortController();
    return ask(address, { signal: controller.signal, body });
  };
}
