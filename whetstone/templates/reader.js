// -- rollouts: an index that is filtered in memory, and chunks of texts that are unpacked when they are needed -------
const ROW = 44;  // height of a list entry in pixels, as in the style sheet
const KEPT = 60;  // unpacked chunks

class Rollouts {
  constructor(fetchIndex, fetchChunk) {
    this.fetchIndex = fetchIndex;
    this.fetchChunk = fetchChunk;
    this.chunks = new Map();  // in the order of use, the latest last
  }

  async open() {
    Object.assign(this, await unpack(await this.fetchIndex()));
    this.size = this.source.length;
    this.chunks.clear();
    return this;
  }

  // The texts of a chunk: now if they are unpacked, else a promise.
  texts(number) {
    let found = this.chunks.get(number);
    if (found) this.chunks.delete(number);
    else {
      found = this.fetchChunk(number).then(unpack).then((texts) => { if (this.chunks.get(number) === found) this.chunks.set(number, texts); return texts; });
      if (this.chunks.size >= KEPT) this.chunks.delete(this.chunks.keys().next().value);
    }
    this.chunks.set(number, found);
    return found;
  }

  // { prompt, completion, reason } of a row, or null while they are being unpacked.
  text(row) {
    const texts = this.texts(Math.floor(row / this.chunk));
    if (texts instanceof Promise) return null;
    const [prompt, completion, reason] = texts.rows[row % this.chunk];
    return { prompt: texts.prompts[prompt], completion, reason };
  }

  // The rows that fit, in order, without looking at texts.
  filtered(source, task, level, verdict) {
    const found = [];
    for (let row = 0; row < this.size; row++) {
      if ((source < 0 || this.source[row] === source) && (task < 0 || this.task[row] === task)
        && (level === null || this.level[row] === level) && (verdict < 0 || this.verdict[row] === verdict)) found.push(row);
    }
    return found;
  }

  // Those of `rows` that hold the words, handed over chunk by chunk so that the page stays alive.
  async search(rows, words, goesOn, found) {
    let at = 0;
    while (at < rows.length && goesOn()) {
      const number = Math.floor(rows[at] / this.chunk), texts = await this.texts(number), hits = [];
      const asked = texts.prompts.map((prompt) => prompt.toLowerCase().includes(words));
      for (; at < rows.length && Math.floor(rows[at] / this.chunk) === number; at++) {
        const [prompt, completion, reason] = texts.rows[rows[at] % this.chunk];
        if (asked[prompt] || completion.toLowerCase().includes(words) || reason.toLowerCase().includes(words)) hits.push(rows[at]);
      }
      if (goesOn()) found(hits, at);
      if (number % 8 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  }
}

async function unpack(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(stream).text());
}

function fromBase64(text) {
  const binary = atob(text), bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function reader(rollouts) {
  const form = $("filter").elements, list = $("list"), inner = $("window");
  let shown = [], chosen = 0, run = 0;

  function fill(name, pairs) {
    const before = form[name].value;
    form[name].replaceChildren(new Option("all", ""), ...pairs.map(([value, text]) => new Option(text, value)));
    form[name].value = before;
  }
  function options() {
    const numbered = (names) => names.map((name, i) => [i, name]);
    fill("source", numbered(rollouts.sources));
    fill("task", numbered(rollouts.tasks).sort((a, b) => (a[1] < b[1] ? -1 : 1)));
    fill("level", [...new Set(rollouts.level)].sort((a, b) => a - b).map((level) => [level, level]));
    const there = new Set(rollouts.verdict);
    fill("verdict", numbered(rollouts.verdicts).filter(([i]) => there.has(i)));
  }

  function count(searched) {
    const of = rollouts.size.toLocaleString("en"), part = searched === undefined ? "" : `, searching ${searched}`;
    $("count").textContent = `${shown.length.toLocaleString("en")} of ${of} shown${part}`;
  }

  async function filter() {
    const mine = ++run, place = (name) => (form[name].value === "" ? -1 : +form[name].value);
    const level = form.level.value === "" ? null : +form.level.value, words = form.text.value.toLowerCase();
    const rows = rollouts.filtered(place("source"), place("task"), level, place("verdict"));
    shown = words ? [] : rows;
    list.scrollTop = 0;
    choose(0);
    count(words ? "…" : undefined);
    if (!words) return;
    await rollouts.search(rows, words, () => mine === run, (hits, at) => {
      const empty = !shown.length;
      shown.push(...hits);
      count(at < rows.length ? `${Math.floor(100 * at / rows.length)} %` : undefined);
      if (empty && shown.length) choose(0);
      else drawList();
    });
    if (mine === run && !shown.length) choose(0);
  }

  function drawList() {  // only what can be seen
    inner.style.height = `${shown.length * ROW}px`;
    const from = Math.max(0, Math.floor(list.scrollTop / ROW) - 5), to = Math.min(shown.length, from + Math.ceil(list.clientHeight / ROW) + 10);
    let waiting = null;
    inner.replaceChildren(...shown.slice(from, to).map((row, i) => {
      const verdict = rollouts.verdicts[rollouts.verdict[row]], text = rollouts.text(row);
      if (!text) waiting = rollouts.texts(Math.floor(row / rollouts.chunk));
      const entry = make("div", { class: "item", role: "option", id: `row-${from + i}`, "aria-selected": from + i === chosen },
        make("i", { class: `v-${verdict}` }), make("div", {}, `${rollouts.tasks[rollouts.task[row]]} · level ${rollouts.level[row]} · ${verdict}`),
        make("div", {}, text ? text.completion.slice(0, 200).replace(/\s+/g, " ") || "(empty)" : "…"));
      entry.style.top = `${(from + i) * ROW}px`;
      entry.onclick = () => choose(from + i);
      return entry;
    }));
    if (waiting instanceof Promise) waiting.then(drawList);
  }

  function choose(i) {
    chosen = Math.max(0, Math.min(shown.length - 1, i));
    const top = chosen * ROW;
    if (top < list.scrollTop) list.scrollTop = top;
    else if (top + ROW > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW - list.clientHeight;
    list.setAttribute("aria-activedescendant", `row-${chosen}`);
    drawList();
    drawDetail(shown[chosen]);
  }

  function drawDetail(row) {
    if (row === undefined) return $("detail").replaceChildren(make("p", {}, "No rollout fits these filters."));
    const text = rollouts.text(row);
    if (!text) {
      const texts = rollouts.texts(Math.floor(row / rollouts.chunk));
      if (texts instanceof Promise) texts.then(() => { if (shown[chosen] === row) drawDetail(row); });
      return;
    }
    const facts = [rollouts.sources[rollouts.source[row]], `level ${rollouts.level[row]}`, `seed ${rollouts.seed[row]}`];
    for (const name of ["sample", "step"]) if (rollouts[name][row] !== null) facts.push(`${name} ${rollouts[name][row]}`);
    if (rollouts.tokens[row] !== null) facts.push(`${rollouts.tokens[row].toLocaleString("en")} tokens`);
    const verdict = rollouts.verdicts[rollouts.verdict[row]], score = rollouts.score[row];
    const judged = verdict + (score === null ? "" : `, score ${number(score)}`);
    $("detail").replaceChildren(make("h3", {}, rollouts.tasks[rollouts.task[row]]), make("div", { class: "ci" }, facts.join(" · ")),
      make("h4", {}, "verdict"), make("div", {}, make("i", { class: `key v-${verdict}` }), make("b", {}, judged), text.reason && text.reason !== verdict ? `: ${text.reason}` : ""),
      make("h4", {}, "prompt"), make("pre", {}, text.prompt), make("h4", {}, "completion"), make("pre", {}, text.completion || "(empty)"));
    $("detail").scrollTop = 0;
  }

  let typed = 0;
  $("filter").addEventListener("input", (event) => {
    clearTimeout(typed);
    typed = setTimeout(filter, event.target === form.text ? 150 : 0);
  });
  list.addEventListener("scroll", drawList);
  addEventListener("resize", drawList);
  document.addEventListener("keydown", (event) => {
    const typing = event.target.matches("input, select");
    if (event.key === "Escape" && typing) return event.target.blur();
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    const inList = document.activeElement === list ? { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, Home: -Infinity, End: Infinity } : {};
    const step = { j: 1, k: -1, ...inList }[event.key];
    if (step) { event.preventDefault(); choose(chosen + step); }
    if (event.key === "/") { event.preventDefault(); form.text.focus(); }
  });
  options();
  filter();
  return async () => {  // more rollouts have come: keep what is being read
    const row = shown[chosen], top = list.scrollTop;
    await rollouts.open();
    options();
    await filter();
    const again = shown.indexOf(row);
    if (again >= 0) { list.scrollTop = top; choose(again); }
  };
}

