/// The page's style sheet. Colours follow the system's theme, or `data-theme` if it is set.
let pageStyle = """
  :root {
    color-scheme: light dark;
    --ground: light-dark(#f6f7f9, #111316);
    --raised: light-dark(#ffffff, #1b1e23);
    --sunken: light-dark(#eceef2, #0b0c0e);
    --ink: light-dark(#1a1d23, #eceef2);
    --soft: light-dark(#565d6a, #a3abb8);
    --line: light-dark(#dfe2e8, #2c3038);
    --accent: light-dark(#0b5cad, #7cb8ff);
    --shadow: light-dark(0 1px 2px rgb(20 30 50 / .06), 0 0 0 transparent);
    --lift: light-dark(0 10px 30px rgb(20 30 50 / .14), 0 10px 30px rgb(0 0 0 / .5));
    --gap: 20px;
  }
  :root[data-theme=light] { color-scheme: light; }
  :root[data-theme=dark] { color-scheme: dark; }
  * { box-sizing: border-box; }
  html { scroll-behavior: smooth; scroll-padding-top: 72px; -webkit-text-size-adjust: 100%; }
  body {
    margin: 0; background: var(--ground); color: var(--ink);
    font: 15px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif;
  }
  header, main, footer, .bar { max-width: 1360px; margin: 0 auto; padding-inline: 32px; }
  a { color: var(--accent); }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 6px; }
  .skip { position: absolute; left: -999px; top: 8px; z-index: 9; }
  .skip:focus { left: 16px; background: var(--raised); padding: 8px 14px; border-radius: 8px; }

  header { padding-top: 44px; padding-bottom: 26px; }
  .brand {
    display: flex; align-items: center; gap: 8px; margin: 0 0 14px; color: var(--soft);
    font-size: 13px; font-weight: 600; letter-spacing: .02em;
  }
  .brand svg { width: 22px; height: 22px; }
  h1 {
    margin: 0; font-size: clamp(28px, 4vw, 42px); line-height: 1.12; letter-spacing: -.022em;
    font-weight: 700; overflow-wrap: anywhere; text-wrap: balance;
  }
  .network { margin: 10px 0 0; max-width: 76ch; color: var(--soft); font-size: 16px; }
  .chips { display: flex; flex-wrap: wrap; gap: 8px; margin: 18px 0 0; padding: 0; list-style: none; }
  .chips li, .chip { font-size: 13px; color: var(--soft); }
  .chips li:not(:has(button)), .chip {
    border: 1px solid var(--line); border-radius: 99px; padding: 3px 12px; background: var(--raised);
  }
  .chip { cursor: pointer; font-family: inherit; line-height: inherit; }
  .chip:hover { color: var(--ink); border-color: var(--soft); }
  code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
  code { font-size: .92em; }

  nav {
    position: sticky; top: 0; z-index: 5; border-block: 1px solid var(--line);
    background: color-mix(in srgb, var(--ground) 86%, transparent);
    backdrop-filter: saturate(1.4) blur(12px);
  }
  .bar { display: flex; align-items: center; gap: 12px; min-height: 52px; }
  .links { display: flex; gap: 4px; overflow-x: auto; flex: 1; scrollbar-width: none; padding: 6px 2px; margin-left: -12px; }
  .links::-webkit-scrollbar { display: none; }
  .links a {
    flex: none; padding: 5px 12px; border-radius: 8px; color: var(--soft); text-decoration: none;
    font-size: 14px; font-weight: 500;
  }
  .links a:hover { color: var(--ink); background: var(--sunken); }
  .links a[aria-current] { color: var(--ink); background: var(--raised); box-shadow: 0 0 0 1px var(--line); }
  .count { margin-left: 6px; font-size: 12px; font-variant-numeric: tabular-nums; color: var(--soft); }
  .theme {
    flex: none; display: grid; place-items: center; width: 36px; height: 36px; padding: 0;
    border: 1px solid var(--line); border-radius: 10px; background: var(--raised); color: var(--ink);
    cursor: pointer;
  }
  .theme svg { width: 18px; height: 18px; }

  main { padding-bottom: 40px; }
  section { padding-top: 44px; }
  section > h2 { margin: 0; font-size: 24px; letter-spacing: -.015em; line-height: 1.2; }
  .explanation { margin: 6px 0 18px; color: var(--soft); max-width: 70ch; }
  .empty { padding: 60px 0; color: var(--soft); }

  /* Rows of equal height: a card grows in proportion to its picture's shape. */
  .wall { display: flex; flex-wrap: wrap; gap: var(--gap); align-items: stretch; }
  .card {
    --row: 264px;
    flex: calc(100 * var(--share)) 1 calc(var(--share) * var(--row)); max-width: calc(var(--share) * 1.75 * var(--row));
    min-width: min(100%, 250px); margin: 0; display: flex; flex-direction: column; overflow: hidden;
    border: 1px solid var(--line); border-radius: 14px; background: var(--raised);
    box-shadow: var(--shadow); transition: box-shadow .18s, border-color .18s, transform .18s;
  }
  .card:hover { box-shadow: var(--lift); border-color: color-mix(in srgb, var(--soft) 45%, var(--line)); }
  .paper {
    flex: 1; display: grid; place-items: center; background: #fff; border-bottom: 1px solid var(--line);
    cursor: zoom-in; overflow: hidden;
  }
  .paper:focus-visible { outline-offset: -3px; border-radius: 14px 14px 0 0; }
  .paper img { display: block; width: 100%; height: auto; }
  figcaption { padding: 13px 16px 15px; }
  h3 { margin: 0; font-size: 15px; line-height: 1.35; letter-spacing: -.005em; overflow-wrap: anywhere; }
  .place { margin: 2px 0 0; font-size: 13px; color: var(--soft); overflow-wrap: anywhere; }
  .caption {
    margin: 7px 0 0; font-size: 13px; line-height: 1.5; color: var(--soft); display: -webkit-box;
    -webkit-box-orient: vertical; -webkit-line-clamp: 2; line-clamp: 2; overflow: hidden;
  }
  footer { padding-block: 28px 48px; color: var(--soft); font-size: 13px; border-top: 1px solid var(--line); }

  dialog {
    width: 100vw; height: 100dvh; max-width: none; max-height: none; margin: 0; padding: 0; border: 0;
    background: var(--ground); color: var(--ink); overflow: hidden;
  }
  dialog[open] {
    display: grid; grid-template: "tools tools" auto "stage panel" minmax(0, 1fr) / minmax(0, 1fr) 360px;
  }
  dialog::backdrop { background: var(--ground); }
  .tools {
    grid-area: tools; display: flex; align-items: center; gap: 8px; padding: 10px 16px;
    border-bottom: 1px solid var(--line); background: var(--raised);
  }
  .position { margin-right: auto; font-size: 13px; color: var(--soft); font-variant-numeric: tabular-nums; }
  .tools button, .button, .made button {
    min-width: 38px; height: 36px; padding: 0 12px; border: 1px solid var(--line); border-radius: 10px;
    background: var(--raised); color: var(--ink); font: inherit; font-size: 14px; line-height: 34px;
    text-align: center; text-decoration: none; cursor: pointer;
  }
  .tools button:hover, .button:hover, .made button:hover { background: var(--sunken); }
  .tools button[aria-label] { font-size: 20px; padding: 0; }
  .tools button:disabled { opacity: .35; cursor: default; }
  .stage { grid-area: stage; overflow: auto; display: flex; padding: 28px; background: var(--sunken); cursor: zoom-in; }
  .stage img {
    margin: auto; max-width: 100%; max-height: 100%; width: auto; height: auto; background: #fff;
    border-radius: 8px; box-shadow: var(--lift);
  }
  .stage:focus-visible { outline-offset: -3px; border-radius: 0; }
  .stage.full { cursor: zoom-out; }
  .stage.full img { max-width: none; max-height: none; }
  .panel { grid-area: panel; overflow: auto; padding: 22px 24px 32px; border-left: 1px solid var(--line); background: var(--raised); }
  .panel h2 { margin: 0; font-size: 18px; line-height: 1.3; overflow-wrap: anywhere; }
  .panel p { margin: 10px 0 0; font-size: 14px; color: var(--soft); overflow-wrap: anywhere; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: 5px 16px; margin: 18px 0 0; padding-top: 16px; border-top: 1px solid var(--line); font-size: 13px; }
  dt { color: var(--soft); }
  dd { margin: 0; overflow-wrap: anywhere; }
  .panel .label { margin: 18px 0 6px; font-size: 13px; }
  .made { position: relative; }
  .made pre {
    margin: 0; padding: 12px 14px; border: 1px solid var(--line); border-radius: 10px;
    background: var(--sunken); font-size: 12.5px; line-height: 1.5; white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .made pre span { display: inline-block; max-width: 100%; }
  .made button { margin-top: 8px; }

  @media (max-width: 820px) {
    html { scroll-padding-top: 60px; }
    header, main, footer, .bar { padding-inline: 16px; }
    header { padding-top: 28px; padding-bottom: 20px; }
    .bar { min-height: 46px; }
    section { padding-top: 32px; }
    .card { max-width: 100%; }
    dialog[open] { grid-template: "tools" auto "stage" minmax(0, 1fr) "panel" minmax(0, 38dvh) / minmax(0, 1fr); }
    .stage { padding: 12px; }
    .panel { border-left: 0; border-top: 1px solid var(--line); padding: 16px; }
    .tools { padding: 8px 12px; gap: 6px; }
    .button { display: none; }
  }
  @media (prefers-reduced-motion: reduce) {
    html { scroll-behavior: auto; }
    * { transition: none !important; }
  }
  @media print {
    nav, .skip, dialog { display: none; }
    .card { break-inside: avoid; box-shadow: none; }
    .caption { -webkit-line-clamp: none; line-clamp: none; }
  }
  """
