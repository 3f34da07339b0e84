// Keys, zoom, live progress and the sliders of the pages of duplicates. Without it everything else works.
//
// A key presses what stands on the page and nothing else, so it can do no more than a hand. The sliders ask
// what other weights would make of what is shown; nothing is stored by that.
"use strict";

const main = document.getElementById("main");
const news = document.getElementById("news");
const dialog = document.getElementById("keys");
const groups = [...main.querySelectorAll("[data-group]")];
const REMEMBERED = "reconciled.duplicates";
let group = null;
let member = null;

// --- where the keys are at -----------------------------------------------------------------------------

function at(next, one = null) {
  group?.classList.remove("at");
  member?.classList.remove("at");
  group = next;
  const members = [...(group?.querySelectorAll("[data-member]") ?? [])];
  member = one ?? members.find((each) => !each.classList.contains("primary")) ?? null;
  group?.classList.add("at");
  member?.classList.add("at");
}

function go(next, one = null) {
  if (!next) return;
  at(next, one);
  (one ?? next).focus({ preventScroll: true });
  (one ?? next).scrollIntoView({ block: one ? "nearest" : "start", behavior: "instant" });
}

function step(by) {
  const link = main.querySelector(`a[data-key="${by > 0 ? "j" : "k"}"]`);
  if (link) return link.click();
  const now = groups.indexOf(group);
  go(groups[now < 0 ? 0 : Math.max(0, Math.min(groups.length - 1, now + by))]);
}

function beside(by) {
  const members = [...(group?.querySelectorAll("[data-member]") ?? [])];
  if (members.length) go(group, members[(members.indexOf(member) + by + members.length) % members.length]);
}

function press(key) {
  const within = "pn".includes(key) ? member : group;
  const found = within?.querySelector(`[data-key="${key}"]`) ?? (within ? null : main.querySelector(`[data-key="${key}"]`));
  if (found) found.click();
}

function zoom() {
  const compare = main.querySelector("[data-compare]");
  if (compare?.querySelector("[data-zoom]")) {
    compare.classList.toggle("zoomed");
    compare.scrollIntoView({ block: "start", behavior: "instant" });
  } else group?.classList.toggle("big");
}

const keys = {
  j: () => step(1),
  k: () => step(-1),
  l: () => beside(1),
  h: () => beside(-1),
  z: zoom,
  u: () => main.querySelector(".just-now button, .just-now .button")?.click(),
  "?": () => dialog?.showModal(),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
  if (event.ctrlKey || event.metaKey || event.altKey || typing || dialog?.open || event.repeat && !"jkhl".includes(event.key)) return;
  if (!(event.key in keys) && !"dipntmxo".includes(event.key)) return;
  event.preventDefault();
  if (!group && groups.length && !(event.key in keys)) return go(groups[0]); // first it is shown what a key would be about
  (keys[event.key] ?? (() => press(event.key)))();
});
// An Enter that is still held down from the page before confirms nothing.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.repeat && event.target.closest("button")) event.preventDefault();
});
main.addEventListener("focusin", (event) => {
  const found = event.target.closest("[data-group]");
  if (found) at(found, event.target.closest("[data-member]"));
});
main.addEventListener("click", (event) => {
  if (event.target.closest("[data-zoom], button[data-key=z]")) {
    event.preventDefault();
    zoom();
  } else if (event.target.closest('button[data-key="?"]')) dialog?.showModal();
});
for (const hidden of main.querySelectorAll(".zoomer, .keys, #weights")) hidden.hidden = false;

// After an answer the page comes back with the next group where this one was.
main.addEventListener("submit", (event) => {
  const here = event.target.closest("[data-group]");
  if (!here) return;
  const stays = /^(primary|not_duplicate) /.test(event.submitter?.value ?? "");
  const next = groups[groups.indexOf(here) + 1] ?? groups[groups.indexOf(here) - 1];
  sessionStorage.setItem(REMEMBERED, (stays ? here : next)?.id ?? "");
});
const remembered = sessionStorage.getItem(REMEMBERED);
sessionStorage.removeItem(REMEMBERED);
if (remembered) go(document.getElementById(remembered));

// On a group's own page the keys are about the document that is laid beside the primary.
const beheld = main.querySelector("[data-compare]")?.dataset.compare;
if (beheld) at(groups[0], main.querySelector(`[data-member="${beheld}"]`));

// The panes of two pictures move together.
const pages = [...main.querySelectorAll(".pane .page")];
for (const one of pages) {
  one.addEventListener("scroll", () => {
    for (const other of pages) {
      if (other === one) continue;
      const across = (one.scrollLeft / Math.max(1, one.scrollWidth - one.clientWidth)) * (other.scrollWidth - other.clientWidth);
      const down = (one.scrollTop / Math.max(1, one.scrollHeight - one.clientHeight)) * (other.scrollHeight - other.clientHeight);
      if (Math.abs(other.scrollTop - down) > 2) other.scrollTop = down;
      if (Math.abs(other.scrollLeft - across) > 2) other.scrollLeft = across;
    }
  });
}
for (const image of main.querySelectorAll("img")) {
  image.addEventListener("error", () => image.classList.add("missing"));
}

// --- the chosen groups ---------------------------------------------------------------------------------

const chosen = main.querySelector("[data-chosen]");
function count() {
  const n = main.querySelectorAll('input[name="group"][form="bulk"]:checked').length;
  if (chosen) chosen.textContent = n === 1 ? "1 group chosen:" : `${n} groups chosen:`;
}
main.addEventListener("change", (event) => {
  if (event.target.matches("[data-all]")) {
    for (const one of main.querySelectorAll('input[name="group"][form="bulk"]')) one.checked = event.target.checked;
  }
  if (event.target.form?.id === "bulk") count();
});
count();

// --- the sliders ---------------------------------------------------------------------------------------

const weights = main.querySelector("#weights form");
let asking = null;
let soon = null;

function percent(share) {
  const shown = share >= 0.99 && share < 1 || share > 0 && share < 0.01 ? Math.round(share * 1000) / 10 : Math.round(share * 100);
  return `${shown >= 100 && share < 1 ? 99.9 : shown} %`;
}

function wanted() {
  const asked = new URLSearchParams({ groups: groups.map((one) => one.dataset.group).join(",") });
  for (const one of weights.querySelectorAll("input[type=range]")) {
    const off = weights.elements[`on-${one.name}`]?.checked === false;
    one.disabled = off;
    one.nextElementSibling.value = off ? "off" : one.value;
    asked.set(one.name, off ? "0" : one.value);
  }
  return asked;
}

async function weigh(counts) {
  asking?.abort();
  asking = new AbortController();
  const asked = wanted();
  asked.set("counts", counts ? "true" : "false");
  const told = weights.querySelector("[data-counts]");
  try {
    const answer = await fetch(`/api/v1/duplicates/weigh?${asked}`, { signal: asking.signal, credentials: "same-origin" });
    const found = await answer.json();
    if (!answer.ok) return void (told.textContent = found.detail);
    for (const pair of found.pairs) show(pair);
    for (const one of groups) showWeakest(one);
    for (const [factor, on] of new Map([...asked].map(([name, value]) => [name, Number(value) > 0]))) {
      for (const bar of main.querySelectorAll(`.groups [data-factor="${factor}"]`)) bar.classList.toggle("off", !on);
    }
    weights.querySelector("[data-config] pre").textContent = found.config;
    const say = (band) => `${number(found.before[band] ?? 0)} → ${number(found.counts[band] ?? 0)}`;
    if (found.counts) told.textContent = `Of all pairs: duplicates ${say("duplicate")}, to review ${say("review")}, different ${say("different")}.`;
  } catch (error) {
    if (error.name !== "AbortError") told.textContent = "The daemon does not answer.";
  }
}

function show(pair) {
  for (const one of main.querySelectorAll(`.groups [data-pair="${Math.min(pair.a, pair.b)}-${Math.max(pair.a, pair.b)}"]`)) {
    const confidence = one.querySelector("[data-confidence]");
    confidence.textContent = percent(pair.confidence);
    confidence.dataset.share = pair.confidence;
    confidence.classList.add("weighed");
    const chip = document.createElement("span");
    chip.className = `chip band-${pair.band}`;
    chip.textContent = pair.band === "review" ? "to review" : pair.band;
    one.querySelector("[data-band]").replaceChildren(chip);
  }
}

function showWeakest(one) {
  const shares = [...one.querySelectorAll("[data-member] [data-share]")].map((each) => Number(each.dataset.share));
  const told = one.querySelector("form > .row [data-confidence]");
  if (told && shares.length) told.textContent = percent(Math.min(...shares));
}

if (weights) {
  weights.addEventListener("input", () => {
    wanted();
    clearTimeout(soon);
    soon = setTimeout(() => weigh(false), 120);
  });
  weights.addEventListener("change", () => {
    clearTimeout(soon);
    soon = setTimeout(() => weigh(true), 300); // each reads all pairs, and the arrow keys change a slider often
  });
  weights.addEventListener("reset", () => setTimeout(() => weigh(true)));
  weights.querySelector("[data-keep]").addEventListener("click", () => {
    weigh(true).then(() => (weights.querySelector("[data-config]").hidden = false));
  });
}

// --- what happens meanwhile ----------------------------------------------------------------------------

const searching = main.querySelector("#searching");
let stream = null;
let later = null;

function say(text) {
  news.hidden = false;
  news.textContent = text;
  const again = document.createElement("a");
  again.href = location.href;
  again.textContent = "Show them";
  news.append(" ", again);
}

function number(count) {
  return count.toLocaleString("en").replaceAll(",", "\u202f");
}

function span(seconds) {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

function follow(run) {
  if (!searching || run.pass !== "duplicates") return;
  if (run.state !== "running") return say("The search is over.");
  const bar = searching.querySelector("progress");
  if (!bar) return say("The search is running.");
  const now = run.progress;
  if (!now) return;
  if (now.total) Object.assign(bar, { max: now.total, value: now.done });
  const parts = [`${now.stage ? `${now.stage[0].toUpperCase()}${now.stage.slice(1)}: ` : ""}${number(now.done)}${now.total ? ` of ${number(now.total)}` : ""} papers`];
  if (now.rate) parts.push(`${number(Math.round(now.rate))} a second`);
  if (now.left !== null && now.left !== undefined) parts.push(`${span(now.left)} left`);
  searching.querySelector("[data-told]").textContent = parts.join(", ");
}

// Only what tells of actions is taken anew; what a person may answer stays as they saw it.
async function freshen() {
  later = null;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const old of main.querySelectorAll("[data-live]")) {
    const fresh = page.querySelector(`[data-live="${old.dataset.live}"]`);
    if (fresh && !old.contains(document.activeElement)) old.replaceWith(document.adoptNode(fresh));
  }
}

const UNDER_WAY = "[data-live] .state-planned, [data-live] .state-sending, [data-live] .state-waiting, [data-live][data-pending]";
function freshenSoon() {
  if (main.querySelector(UNDER_WAY)) later ??= setTimeout(() => freshen().catch(() => {}), 500);
}

function listen() {
  if (document.hidden) {
    stream?.close();
    stream = null;
  } else if (stream === null || stream.readyState === EventSource.CLOSED) {
    stream = new EventSource("/api/v1/events");
    stream.addEventListener("open", () => {
      document.body.dataset.live = "yes";
      freshenSoon(); // what happened before anybody listened
    });
    stream.addEventListener("run", (event) => follow(JSON.parse(event.data)));
    stream.addEventListener("finding", (event) => {
      const told = JSON.parse(event.data);
      if (searching && (told.changed || told.code === "duplicate")) say("There are other groups now.");
    });
    stream.addEventListener("action", freshenSoon);
  }
}
document.addEventListener("visibilitychange", listen);
window.addEventListener("pagehide", () => stream?.close());
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
setInterval(listen, 5000);
listen();
