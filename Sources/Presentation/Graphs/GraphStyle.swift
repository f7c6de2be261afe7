/// What the picture of a plan looks like, on light and on dark paper.
enum GraphStyle {
  /// The style sheet and the signs.
  static let lines = [
    "<style>", "text { font-family: system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif; fill: #1b2430; }",
    ".paper { fill: #ffffff; }", ".heading { font-size: 18px; font-weight: 600; }",
    ".name { font-size: 13px; font-weight: 600; }", ".title, .small { font-size: 12px; }",
    ".small { fill: #5b6b7f; }", ".note { font-size: 11px; }", ".effect { font-size: 11px; font-weight: 600; }",
    ".action { font-family: ui-monospace, 'DejaVu Sans Mono', Menlo, monospace; font-size: 10.5px; fill: #46566a; }",
    ".card { stroke-width: 1.5; }", ".card.observe { fill: #f1f5f9; stroke: #64748b; }",
    ".card.change { fill: #fff6df; stroke: #b07a10; }",
    ".card.irreversible { fill: #fdeae8; stroke: #c0362c; stroke-width: 2.5; }",
    ".inner.irreversible { fill: none; stroke: #c0362c; stroke-width: 1; }",
    ".card.gate { fill: #eaf5ee; stroke: #3b8157; }", ".conditional { stroke-dasharray: 6 4; }",
    ".effect.observe { fill: #52627a; }", ".effect.change { fill: #8f5f00; }",
    ".effect.irreversible { fill: #b3261e; }",
    ".edges path { fill: none; stroke: #7b8a9e; stroke-width: 1.5; }", "#arrow path { fill: #7b8a9e; }",
    ".rule { stroke: #7b8a9e; stroke-width: 1.5; stroke-dasharray: 2 5; stroke-linecap: round; }",
    ".sign { fill: none; stroke-width: 1.8; stroke-linecap: round; stroke-linejoin: round; }",
    "#condition { stroke: #52627a; }", "#gate, #check { stroke: #2e7d4f; }", "#back { stroke: #2563b0; }",
    "#noback { stroke: #b3261e; }", "@media (prefers-color-scheme: dark) {", "text { fill: #e4e9f0; }",
    ".paper { fill: #12171e; }", ".small, .action { fill: #a3b0c2; }",
    ".card.observe { fill: #1e2733; stroke: #8494aa; }", ".card.change { fill: #33290f; stroke: #d9a441; }",
    ".card.irreversible { fill: #3a1815; stroke: #f0756b; }", ".inner.irreversible { stroke: #f0756b; }",
    ".card.gate { fill: #15291d; stroke: #66b586; }", ".effect.observe { fill: #a9b8cc; }",
    ".effect.change { fill: #edbf66; }", ".effect.irreversible { fill: #ff958c; }", "#condition { stroke: #a9b8cc; }",
    "#gate, #check { stroke: #6fc792; }", "#back { stroke: #79aef0; }", "#noback { stroke: #ff958c; }", "}", "</style>",
    "<defs>",
    "<marker id=\"arrow\" viewBox=\"0 0 8 8\" refX=\"6\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" orient=\"auto\">"
      + "<path d=\"M0 0L8 4L0 8Z\"/></marker>",
    "<path id=\"condition\" class=\"sign\" d=\"M-2.5 -2.2C-2.5 -5.5 3 -5.5 2.6 -2C2.4 -0.4 0 -0.2 0 2M0 4.6V4.7\"/>",
    "<path id=\"gate\" class=\"sign\" d=\"M0 -5L5 0L0 5L-5 0Z\"/>",
    "<path id=\"check\" class=\"sign\" d=\"M-4.5 0.5L-1.5 3.5L4.5 -3.5\"/>",
    "<path id=\"back\" class=\"sign\" d=\"M-1.5 -4.5L-4.5 -1.5L-1.5 1.5M-4.5 -1.5H1.5C5.5 -1.5 5.5 4 1.5 4H-1\"/>",
    "<path id=\"noback\" class=\"sign\" d=\"M-3.2 -3.2L3.2 3.2M4.6 0A4.6 4.6 0 1 1 -4.6 0A4.6 4.6 0 1 1 4.6 0Z\"/>",
    "</defs>",
  ]
}
