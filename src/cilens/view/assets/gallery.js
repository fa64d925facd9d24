// The contact sheet: cards that are filtered and sorted. Names reach the page as text nodes alone.

/** @typedef {{name: string, href: string | null, class: string, score: number, said: string, area: number, off: number | null, seen: string, picture: string}} Card */

/** @param {string} text Base64 of gzip, as pack.py packs it. @returns {Promise<Card[]>} */
async function cards(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  return JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))).cards;
}

/**
 * @param {string} tag
 * @param {Record<string, string>} set
 * @param {...(Node | string)} children
 * @returns {any}
 */
function h(tag, set = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(set)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** @type {Record<string, [string, (card: Card) => number | string]>} */
const ORDERS = {
  off: ["most off the middle", (card) => -(card.off ?? -1)],
  unsure: ["lowest score", (card) => card.score],
  sure: ["highest score", (card) => -card.score],
  small: ["smallest highlight", (card) => card.area],
  large: ["largest highlight", (card) => -card.area],
  name: ["name", (card) => card.name],
};

/** @param {HTMLElement} root @param {Card[]} all */
function sheet(root, all) {
  const figures = new Map(all.map((card) => {
    const picture = h("img", { src: card.picture, alt: "", loading: "lazy" });
    const off = card.off === null ? "" : ` · ${Math.round(100 * card.off)} % off the middle`;
    const words = [h("b", {}, card.class), ` ${card.said}`, h("span", {}, card.name), h("span", {}, `${card.seen}${off}`)];
    const inside = card.href ? h("a", { href: encodeURIComponent(card.href) }, picture, ...words) : h("div", {}, picture, ...words);
    return [card, h("li", {}, inside)];
  }));
  const classes = [...new Set(all.map((card) => card.class))].sort();
  const find = h("input", { id: "find", type: "text", autocomplete: "off", spellcheck: "false" });
  const only = h("select", { id: "only" }, h("option", { value: "" }, "all classes"), ...classes.map((name) => h("option", { value: name }, name)));
  const order = h("select", { id: "order" }, ...Object.entries(ORDERS).map(([name, [text]]) => h("option", { value: name }, text)));
  const least = h("input", { id: "least", type: "range", min: "0", max: "100", value: "0" }), at = h("output", { for: "least" });
  const list = h("ul", { class: "sheet" }), count = h("p", { role: "status", class: "count" });
  const field = (/** @type {string} */ name, /** @type {HTMLElement} */ input, /** @type {(Node | string)[]} */ ...after) =>
    h("div", { class: "field" }, h("label", { for: input.id }, name), input, ...after);

  function show() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean), key = ORDERS[order.value][1];
    const shown = all.filter((card) => words.every((/** @type {string} */ word) => `${card.name} ${card.class}`.toLowerCase().includes(word))
      && (!only.value || card.class === only.value) && (card.off ?? 0) * 100 >= Number(least.value));
    shown.sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
    list.replaceChildren(...shown.map((card) => figures.get(card)));
    at.textContent = `${least.value} %`;
    count.textContent = `${shown.length} of ${all.length} ${all.length === 1 ? "image" : "images"}`;
    const said = new URLSearchParams(Object.entries({ find: find.value, only: only.value, order: order.value, least: least.value }));
    history.replaceState(null, "", `#${said}`);
  }
  const said = new URLSearchParams(location.hash.slice(1));
  for (const input of [find, only, order, least]) {
    const value = said.get(input.id);
    if (value && (input.tagName !== "SELECT" || [...input.options].some((option) => option.value === value))) input.value = value;
    input.addEventListener("input", show);
  }
  root.replaceChildren(h("header", {}, h("h1", {}, document.title)),
    h("section", { class: "filters", "aria-label": "Filters" }, field("Find", find), field("Class", only), field("First", order), field("Off the middle", least, at)),
    count, list);
  show();
  root.dataset.ready = "1";
}

export {};
const packed = document.getElementById("data"), root = document.getElementById("view");
if (packed && root) sheet(root, await cards(packed.textContent ?? ""));
