// Groups, finds and enlarges the figures of a gallery. Text only ever moves as text or as nodes
// that the page already has: nothing from a name is read as markup.
(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const root = document.documentElement;
  const make = (tag, name, text) => {
    const element = document.createElement(tag);
    if (name) element.className = name;
    if (text !== undefined) element.textContent = text;
    return element;
  };

  // Theme.
  byId("theme").addEventListener("click", () => {
    const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
    root.dataset.theme = theme;
    try { localStorage.setItem("fovea-theme", theme); } catch {}
  });

  const copy = async (button, text, source) => {
    const label = button.textContent;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(source || button);
      button.textContent = source ? "Selected" : text;
    }
    setTimeout(() => { button.textContent = label; }, 1600);
  };
  for (const chip of document.querySelectorAll(".copy")) {
    chip.addEventListener("click", () => copy(chip, chip.dataset.copy));
  }

  // The table of layers: those of the gallery, or all.
  const table = byId("layers"), all = byId("all-layers");
  if (all) {
    all.addEventListener("click", () => {
      const isOpen = table.classList.toggle("all");
      all.setAttribute("aria-expanded", String(isOpen));
      all.textContent = isOpen ? all.dataset.less : all.dataset.more;
    });
  }

  // Cards in the order of the page, each with what it is found by.
  const main = byId("figures"), none = byId("none"), links = byId("links");
  const numbers = (text) => (text ? text.split(" ") : []);
  const cards = [...document.querySelectorAll(".card")].map((element) => ({
    element,
    link: element.querySelector(".paper"),
    id: element.id.slice("fig=".length),
    layer: element.dataset.layer,
    picture: element.dataset.picture,
    classes: numbers(element.dataset.classes),
    units: numbers(element.dataset.units),
    text: [...element.querySelectorAll("h3, .place, .answers, .caption, dd")]
      .map((part) => part.textContent.toLowerCase()).join(" "),
  }));
  const kinds = [...main.querySelectorAll("section")];
  for (const section of kinds) {
    for (const card of cards) if (section.contains(card.element)) card.kind = section;
  }
  for (const card of cards) {
    card.text += " " + card.kind.querySelector("h2").textContent.toLowerCase();
  }
  const layers = (() => {
    const names = byId("layer");
    const sections = new Map();
    for (const option of names ? names.options : []) {
      if (option.value === "") continue;
      const section = make("section");
      section.id = `layer-${option.value}`;
      const heading = make("h2", "", option.textContent);
      heading.id = section.id + "-heading";
      section.setAttribute("aria-labelledby", heading.id);
      section.append(heading);
      if (option.dataset.facts) section.append(make("p", "explanation", option.dataset.facts));
      section.append(make("div", "wall"));
      sections.set(option.value, section);
    }
    const rest = make("section");
    rest.id = "no-layer";
    const heading = make("h2", "", "The network as a whole");
    heading.id = "no-layer-heading";
    rest.setAttribute("aria-labelledby", heading.id);
    rest.append(heading, make("div", "wall"));
    sections.set(undefined, rest);
    return sections;
  })();

  // Grouping and filters.
  const form = byId("filters"), search = byId("search"), unit = byId("unit-number");
  const choices = ["layer", "class", "picture"].map(byId).filter(Boolean);
  let visible = cards;
  const isSought = (card) => {
    const value = (name) => byId(name)?.value ?? "";
    if (value("layer") && card.layer !== value("layer")) return false;
    if (value("picture") && card.picture !== value("picture")) return false;
    if (value("class") && !card.classes.includes(value("class"))) return false;
    const number = unit.value.trim();
    if (number && !card.units.includes(String(Number(number)))) return false;
    return search.value.toLowerCase().split(/\s+/).every((word) => card.text.includes(word));
  };
  const arrange = () => {
    const byLayer = form.elements.group.value === "layer";
    const sections = byLayer ? [...layers.values()] : kinds;
    const sought = new Set(cards.filter(isSought));
    for (const section of kinds) section.remove();
    for (const section of layers.values()) section.remove();
    visible = [];
    const shown = [];
    for (const section of sections) {
      const wall = section.querySelector(".wall");
      const own = cards.filter((card) =>
        sought.has(card) && (byLayer ? layers.get(card.layer) : card.kind) === section);
      wall.replaceChildren(...own.map((card) => card.element));
      if (own.length === 0) continue;
      visible.push(...own);
      shown.push({ section, count: own.length });
    }
    none.before(...shown.map(({ section }) => section));
    none.hidden = visible.length > 0 || cards.length === 0;
    links.replaceChildren(...shown.map(({ section, count }) => {
      const link = make("a", "", section.querySelector("h2").textContent);
      link.href = "#" + section.id;
      link.append(make("span", "count", String(count)));
      return link;
    }));
    links.parentElement.hidden = shown.length < 2;
    const active = choices.filter((choice) => choice.value).length + (unit.value.trim() ? 1 : 0);
    byId("filter-count").textContent = active ? String(active) : "";
    const isFiltered = active > 0 || search.value.trim() !== "";
    byId("clear").hidden = !isFiltered;
    const count = cards.length === 1 ? "1 figure" : `${cards.length} figures`;
    byId("found").textContent = isFiltered ? `${visible.length} of ${cards.length}` : count;
    follow();
  };
  form.addEventListener("input", arrange);
  form.addEventListener("submit", (event) => event.preventDefault());
  const clear = () => {
    for (const field of [search, unit, ...choices]) field.value = "";
    arrange();
    search.focus();
  };
  byId("clear").addEventListener("click", clear);
  byId("show-all").addEventListener("click", clear);
  for (const link of document.querySelectorAll("a[data-show-layer]")) {
    link.addEventListener("click", (event) => {
      event.preventDefault();
      byId("layer").value = link.dataset.showLayer;
      arrange();
      main.focus({ preventScroll: true });
      main.scrollIntoView();
    });
  }
  addEventListener("keydown", (event) => {
    const isTyping = event.target.closest?.("input, select, dialog");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || isTyping) return;
    event.preventDefault();
    search.focus();
  });
  // Wide screens show the filters; narrow ones fold them.
  const narrow = matchMedia("(max-width: 900px)");
  const fold = () => { byId("choices").open = !narrow.matches; };
  narrow.addEventListener("change", fold);
  fold();

  // The section in view.
  function follow() {
    const anchors = [...links.children];
    let current = 0;
    anchors.forEach((link, index) => {
      const section = byId(link.hash.slice(1));
      if (section && section.getBoundingClientRect().top < 140) current = index;
    });
    if (innerHeight + scrollY >= document.body.scrollHeight - 4) current = anchors.length - 1;
    anchors.forEach((link, index) => {
      if ((index === current) === link.hasAttribute("aria-current")) return;
      if (index !== current) {
        link.removeAttribute("aria-current");
        return;
      }
      link.setAttribute("aria-current", "true");
      links.scrollTo({ left: link.offsetLeft - links.offsetLeft - 24, behavior: "smooth" });
    });
  }
  addEventListener("scroll", follow, { passive: true });

  // The large view. Its address is #fig=ID; going back returns to the figure with the link that led
  // here, or to the page. Each entry of the history knows how many figures are open up to it.
  const dialog = byId("large"), stage = byId("large-stage"), image = byId("large-image");
  const panel = byId("large-panel"), more = byId("large-more"), details = byId("large-details");
  const related = byId("large-related");
  let open = null;
  let walked = cards;
  let isClosing = false;
  const depth = () => history.state?.figures ?? 0;
  const zoom = (isFull) => {
    stage.classList.toggle("full", isFull);
    byId("large-zoom").textContent = isFull ? "Fit" : "100 %";
    byId("large-zoom").setAttribute("aria-pressed", String(isFull));
  };
  const show = (card) => {
    // What is replaced cannot keep the focus, without which no key would reach the large view.
    if (details.contains(document.activeElement) || related.contains(document.activeElement)) {
      stage.focus();
    }
    // A link may lead to a figure that the filters hide: then the arrows go through all of them.
    walked = visible.includes(card) ? visible : cards;
    open = card;
    const small = card.link.querySelector("img");
    const file = card.link.getAttribute("href");
    zoom(false);
    image.removeAttribute("src");
    image.width = Number(card.element.dataset.width);
    image.height = Number(card.element.dataset.height);
    image.alt = small.alt;
    image.src = file;
    stage.dataset.theme = card.element.dataset.theme;
    byId("large-file").href = file;
    byId("large-title").textContent = card.element.querySelector("h3").textContent;
    related.replaceChildren(...[...card.element.querySelectorAll(".related")]
      .map((list) => list.cloneNode(true)));
    const content = card.element.querySelector(".details").cloneNode(true);
    details.replaceChildren(...content.childNodes);
    const command = details.querySelector("pre");
    command.replaceChildren(...command.textContent.split(/( )/).map((word) =>
      // Options keep their hyphens on one line.
      word === " " ? word : make("span", "", word)));
    const button = make("button", "", "Copy");
    button.type = "button";
    button.addEventListener("click", () => copy(button, command.textContent, command));
    command.after(button);
    const index = walked.indexOf(card);
    byId("large-place").textContent = `${index + 1} of ${walked.length}`;
    byId("large-previous").disabled = index === 0;
    byId("large-next").disabled = index === walked.length - 1;
    stage.scrollTo(0, 0);
    panel.scrollTo(0, 0);
    if (dialog.open) return;
    more.open = !narrow.matches;
    dialog.showModal();
    stage.focus();
  };
  const address = (card) => "#fig=" + card.id;
  const enlarge = (card) => {
    history.pushState({ figures: depth() + 1 }, "", address(card));
    show(card);
  };
  const step = (way) => {
    const next = walked[walked.indexOf(open) + way];
    if (!next) return;
    history.replaceState(history.state, "", address(next));
    show(next);
  };
  const close = () => {
    if (isClosing) return;
    if (depth() > 0) {
      isClosing = true;
      history.go(-depth());
    } else {
      history.replaceState(null, "", "#");
      hide();
    }
  };
  const hide = () => {
    if (!open) return;
    const card = open;
    open = null;
    image.removeAttribute("src");
    if (dialog.open) dialog.close();
    settle(card);
  };
  const settle = (card) => {
    // The filters may hide the figure.
    (card.element.isConnected ? card.link : main).focus({ preventScroll: true });
    card.element.scrollIntoView({ block: "nearest" });
  };
  const cardAt = (hash) => {
    try {
      const id = decodeURIComponent(hash).match(/^#fig=(.*)$/)?.[1];
      return cards.find((card) => card.id === id);
    } catch {}
  };
  const visit = () => {
    const card = cardAt(location.hash);
    if (isClosing) {
      isClosing = false;
      // The address with which the page was opened may be that of a figure, too.
      if (card) history.replaceState(null, "", "#");
      hide();
    } else if (card && card !== open) show(card);
    else if (!card) hide();
  };
  addEventListener("popstate", visit);
  addEventListener("hashchange", (event) => {
    visit();
    // Between the two events, the browser went to the address before, which may be a section's.
    const card = cardAt(new URL(event.oldURL).hash);
    if (card && !open) settle(card);
  });
  const opens = (event, card) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    enlarge(card);
  };
  for (const card of cards) card.link.addEventListener("click", (event) => opens(event, card));
  // Links between figures, on cards and in the large view.
  addEventListener("click", (event) => {
    const card = cardAt(event.target.closest?.(".related a")?.hash ?? "");
    if (card) opens(event, card);
  });
  const toggle = (event) => {
    const isFull = !stage.classList.contains("full");
    const box = image.getBoundingClientRect();
    const isInside = event && event.clientX !== undefined && box.width > 0;
    const x = isInside ? (event.clientX - box.left) / box.width : 0.5;
    const y = isInside ? (event.clientY - box.top) / box.height : 0;
    zoom(isFull);
    if (!isFull) return;
    stage.scrollTo(
      x * image.offsetWidth - stage.clientWidth / 2,
      y * image.offsetHeight - stage.clientHeight / 2);
  };
  image.addEventListener("click", toggle);
  byId("large-zoom").addEventListener("click", () => toggle());
  byId("large-previous").addEventListener("click", () => step(-1));
  byId("large-next").addEventListener("click", () => step(1));
  byId("large-close").addEventListener("click", close);
  dialog.addEventListener("cancel", (event) => {
    event.preventDefault();
    close();
  });
  // A browser may close a dialog on its own, such as at a second Escape.
  dialog.addEventListener("close", () => { if (open) close(); });
  // Wherever the focus is: going back may leave it nowhere.
  addEventListener("keydown", (event) => {
    if (!dialog.open || event.metaKey || event.ctrlKey || event.altKey) return;
    const scrolls = stage.classList.contains("full") && event.shiftKey;
    if (event.key === "ArrowLeft" && !scrolls) step(-1);
    else if (event.key === "ArrowRight" && !scrolls) step(1);
    else if (event.key === "Home") step(-visible.indexOf(open));
    else if (event.key === "End") step(visible.length - 1 - visible.indexOf(open));
    else if (event.key === "z" || event.key === "Z") toggle();
    else return;
    event.preventDefault();
  });
  let touch = null;
  stage.addEventListener("touchstart", (event) => {
    const isSingle = event.touches.length === 1 && !stage.classList.contains("full");
    touch = isSingle ? event.touches[0] : null;
  }, { passive: true });
  stage.addEventListener("touchend", (event) => {
    if (!touch) return;
    const way = event.changedTouches[0].clientX - touch.clientX;
    if (Math.abs(way) > 60) step(way < 0 ? 1 : -1);
    touch = null;
  });

  arrange();
  visit();
})();
