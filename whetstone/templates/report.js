// -- the page: drawn once, or, when it is served, drawn again when there is news -------------------------------------
const WAIT = 3000;  // milliseconds between two questions for news
const live = document.body.dataset.live;

function readData(page) {
  return JSON.parse(page.getElementById("data").textContent);
}

async function fetched(address) {
  const reply = await fetch(address);
  if (!reply.ok) throw new Error(`${reply.status} from ${address}`);
  return reply;
}

async function start() {
  drawAll(readData(document));
  if (!$("list")) return live ? watch(() => location.reload()) : undefined;
  const inline = (selector) => document.querySelectorAll(selector);
  const chunks = inline("script.chunk");
  const rollouts = live
    ? new Rollouts(async () => (await fetched(`${live}/index`)).arrayBuffer(), async (i) => (await fetched(`${live}/chunk/${i}`)).arrayBuffer())
    : new Rollouts(async () => fromBase64($("index").textContent), async (i) => fromBase64(chunks[i].textContent));
  const refresh = reader(await rollouts.open());
  document.body.dataset.ready = "yes";
  if (live) watch(refresh);
}

async function watch(refresh) {
  let version = document.body.dataset.version;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, WAIT));
    if (document.hidden) continue;
    let now, page;
    try {
      now = await (await fetched(`${live}/version`)).text();
      if (now === version) { $("stale").hidden = true; continue; }
      page = new DOMParser().parseFromString(await (await fetched(live)).text(), "text/html");
    } catch {
      $("stale").hidden = false;  // the server is gone, or busy: ask again later
      continue;
    }
    $("stale").hidden = true;
    version = page.body.dataset.version;
    const data = readData(page);
    $("measured").replaceWith(page.getElementById("measured"));
    $("verdicts")?.replaceWith(page.getElementById("verdicts"));
    drawAll(data);
    await refresh();
  }
}

start();
