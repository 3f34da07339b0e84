// Keeps a page fresh: takes its new <main> when the daemon says that something happened.
//
// Nobody may answer for something other than what they saw. So <main> is replaced as a whole, ids together with
// titles; it is left alone while a form in it is being used; and a press that lands on a button which has only
// just appeared or moved there does nothing but say so.
"use strict";

const EVENTS = ["run", "tombstone", "finding", "hold", "action", "decision", "source", "lost"];
const AT_MOST_EVERY = 1000;
const STILL_FRESH = 700;
const POLL = 10000;
const POLL_BESIDE_EVENTS = 60000;

const news = document.getElementById("news");
const main = () => document.getElementById("main");
let stream = null;
let timer = null;
let pressed = false;
let loading = false;
let wanted = false;
let last = performance.now();
let before = null;

function changed(control) {
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control.tagName === "SELECT") return [...control.options].some((one) => one.selected !== one.defaultSelected && one.index > 0);
  return control.type !== "hidden" && control.defaultValue !== undefined && control.value !== control.defaultValue;
}

function inUse() {
  const focus = document.activeElement;
  const focused = focus && focus !== main() && main().contains(focus);
  return pressed || focused || [...main().querySelectorAll("input, select, textarea")].some(changed);
}

function say(text, link) {
  if (news.dataset.said === text) return;
  news.dataset.said = text;
  news.hidden = !text;
  news.textContent = text;
  if (link) {
    const again = document.createElement("a");
    again.href = location.href;
    again.textContent = link;
    news.append(" ", again);
  }
}

// What a form would send, to tell whether it is the same one as before.
function signature(form) {
  return [form.getAttribute("action"), ...[...form.querySelectorAll("input")].map((one) => `${one.name}=${one.value}`)].join("\n");
}

function places() {
  return new Map([...main().querySelectorAll("form")].map((form) => [signature(form), form.getBoundingClientRect().top]));
}

async function refresh() {
  if (loading) return;
  if (document.hidden) return;
  if (inUse()) return say("This page has news.", "Show them");
  loading = true;
  wanted = false;
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (answer.redirected || answer.status === 401 || answer.status === 404) return location.reload();
    if (!answer.ok) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("main");
    if (inUse()) wanted = true;
    else if (fresh) {
      before = places();
      main().replaceWith(document.adoptNode(fresh));
      document.title = page.title;
      say("");
    }
    document.body.classList.remove("stale");
  } catch {
    document.body.classList.add("stale");
    say("The daemon does not answer; this is what it said last.");
  } finally {
    loading = false;
    last = performance.now();
    if (wanted) schedule();
  }
}

function schedule() {
  wanted = true;
  if (timer !== null || loading) return;
  timer = setTimeout(() => {
    timer = null;
    refresh();
  }, Math.max(50, AT_MOST_EVERY - (performance.now() - last)));
}

// A browser may keep only a few connections, so a page that nobody sees holds none.
function listen() {
  if (document.hidden) {
    stream?.close();
    stream = null;
  } else if (stream === null || stream.readyState === EventSource.CLOSED) {
    stream = new EventSource("/api/v1/events");
    for (const event of EVENTS) stream.addEventListener(event, schedule);
    stream.addEventListener("open", () => {
      document.body.dataset.live = "yes";
      schedule();
    });
    stream.addEventListener("error", () => delete document.body.dataset.live);
  }
}

function lately() {
  const pause = stream?.readyState === EventSource.OPEN ? POLL_BESIDE_EVENTS : POLL;
  if (performance.now() - last >= pause) schedule();
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!main().contains(form) || performance.now() - last > STILL_FRESH || before === null) return;
  const top = before.get(signature(form));
  if (top !== undefined && Math.abs(top - form.getBoundingClientRect().top) < 20) return;
  event.preventDefault();
  say("The page has just changed, so nothing was sent. Look again, and press once more.");
});
// In a box the Enter key would press the form's first button, which does nothing but load the page again.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.type === "checkbox") event.preventDefault();
});
document.addEventListener("pointerdown", () => (pressed = true));
for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => setTimeout(() => (pressed = false), 50));
document.addEventListener("visibilitychange", () => {
  listen();
  schedule();
});
window.addEventListener("pageshow", (event) => event.persisted && location.reload());
window.addEventListener("pagehide", () => stream?.close());
setInterval(() => {
  listen();
  lately();
}, 5000);
listen();
