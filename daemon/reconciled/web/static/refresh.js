// Keeps the status page fresh: takes the new <main> every 10 s, unless nobody looks or a control is in use.
setInterval(async () => {
  const main = document.getElementById("main");
  if (document.hidden || (main.contains(document.activeElement) && document.activeElement !== main)) return;
  try {
    const answer = await fetch("/", { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("main");
    if (fresh) main.replaceWith(document.adoptNode(fresh));
    document.body.classList.remove("stale");
  } catch {
    document.body.classList.add("stale");
  }
}, 10000);
