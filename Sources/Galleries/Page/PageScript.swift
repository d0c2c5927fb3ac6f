/// Sets the theme that was chosen before, ahead of the first paint.
let pageThemeScript = """
  try {
    const theme = localStorage.getItem("fovea-theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {}
  """

/// Opens pictures large, copies commands, switches the theme, follows the scrolling.
let pageScript = """
  (() => {
    const byId = (id) => document.getElementById(id);
    const root = document.documentElement;
    byId("theme").addEventListener("click", () => {
      const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
      const theme = (root.dataset.theme || system) === "dark" ? "light" : "dark";
      root.dataset.theme = theme;
      try { localStorage.setItem("fovea-theme", theme); } catch {}
    });

    const select = (element) => {
      const range = document.createRange();
      range.selectNodeContents(element);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    };
    const copy = async (button, text, source) => {
      const label = button.innerHTML;
      try {
        await navigator.clipboard.writeText(text);
        button.textContent = "Copied";
      } catch {
        if (source) select(source);
        button.textContent = source ? "Selected" : text;
      }
      setTimeout(() => { button.innerHTML = label; }, 1600);
    };
    for (const chip of document.querySelectorAll(".chip.copy")) {
      chip.addEventListener("click", () => copy(chip, chip.dataset.copy));
    }

    const links = [...document.querySelectorAll(".links a")];
    const sections = links.map((link) => byId(link.hash.slice(1)));
    const follow = () => {
      let current = 0;
      sections.forEach((section, index) => {
        if (section && section.getBoundingClientRect().top < 140) current = index;
      });
      if (innerHeight + scrollY >= document.body.scrollHeight - 4) current = links.length - 1;
      links.forEach((link, index) => {
        const isCurrent = index === current;
        if (isCurrent === link.hasAttribute("aria-current")) return;
        link.toggleAttribute("aria-current", isCurrent);
        if (!isCurrent) return;
        link.setAttribute("aria-current", "true");
        const row = link.parentElement;
        row.scrollTo({ left: link.offsetLeft - row.offsetLeft - 24, behavior: "smooth" });
      });
    };
    if (links.length) {
      addEventListener("scroll", follow, { passive: true });
      follow();
    }

    const dialog = byId("large"), stage = byId("large-stage"), image = byId("large-image");
    const cards = [...document.querySelectorAll(".card")];
    let open = 0;
    const zoom = (isFull) => {
      stage.classList.toggle("full", isFull);
      byId("large-zoom").textContent = isFull ? "Fit" : "100 %";
      byId("large-zoom").setAttribute("aria-pressed", String(isFull));
    };
    const show = (index) => {
      open = Math.min(Math.max(index, 0), cards.length - 1);
      const card = cards[open], small = card.querySelector("img");
      zoom(false);
      image.width = small.getAttribute("width");
      image.height = small.getAttribute("height");
      image.src = small.src;
      image.alt = small.alt;
      byId("large-file").href = small.src;
      byId("large-title").textContent = card.querySelector("h3").textContent;
      byId("large-caption").textContent = card.querySelector(".caption").textContent;
      byId("large-facts").innerHTML = card.querySelector(".facts").innerHTML;
      byId("large-command").replaceChildren(
        ...card.querySelector(".command").textContent.split(/( )/).map((word) => {
          if (word === " ") return word;
          // Options keep their hyphens on one line.
          const span = document.createElement("span");
          span.textContent = word;
          return span;
        }));
      byId("large-place").textContent = `${open + 1} of ${cards.length}`;
      byId("large-previous").disabled = open === 0;
      byId("large-next").disabled = open === cards.length - 1;
      stage.scrollTo(0, 0);
      dialog.querySelector(".panel").scrollTo(0, 0);
    };
    cards.forEach((card, index) => {
      card.querySelector(".paper").addEventListener("click", (event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        show(index);
        dialog.showModal();
        stage.focus();
      });
    });
    const toggle = (event) => {
      const isFull = !stage.classList.contains("full");
      const box = image.getBoundingClientRect();
      const inside = event && event.clientX !== undefined && box.width > 0;
      const x = inside ? (event.clientX - box.left) / box.width : 0.5;
      const y = inside ? (event.clientY - box.top) / box.height : 0;
      zoom(isFull);
      if (isFull) {
        stage.scrollTo(
          x * image.offsetWidth - stage.clientWidth / 2, y * image.offsetHeight - stage.clientHeight / 2);
      }
    };
    image.addEventListener("click", toggle);
    byId("large-zoom").addEventListener("click", () => toggle());
    byId("large-previous").addEventListener("click", () => show(open - 1));
    byId("large-next").addEventListener("click", () => show(open + 1));
    byId("large-close").addEventListener("click", () => dialog.close());
    byId("large-copy").addEventListener("click", () => {
      const command = byId("large-command");
      copy(byId("large-copy"), command.textContent, command);
    });
    dialog.addEventListener("close", () => {
      cards[open].querySelector(".paper").focus({ preventScroll: true });
      cards[open].scrollIntoView({ block: "nearest" });
    });
    dialog.addEventListener("keydown", (event) => {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      const scrolls = stage.classList.contains("full") && event.shiftKey;
      if (event.key === "ArrowLeft" && !scrolls) show(open - 1);
      else if (event.key === "ArrowRight" && !scrolls) show(open + 1);
      else if (event.key === "Home") show(0);
      else if (event.key === "End") show(cards.length - 1);
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
      if (Math.abs(way) > 60) show(open + (way < 0 ? 1 : -1));
      touch = null;
    });
  })();
  """
