/// A text as LaTeX sets it, with the usual fonts of pdfLaTeX.
func latex(_ text: String) -> String {
  var escaped = ""
  for character in text {
    if let command = commands[character] {
      escaped += command
    } else if character.isNewline {
      escaped += " "
    } else {
      escaped.append(character)
    }
  }
  return escaped
}

/// Characters that mean something to TeX, and those that its usual fonts do not have.
private let commands: [Character: String] = [
  "\\": #"\textbackslash{}"#, "{": #"\{"#, "}": #"\}"#, "$": #"\$"#, "&": #"\&"#, "#": "\\#",
  "^": #"\textasciicircum{}"#, "_": #"\_"#, "~": #"\textasciitilde{}"#, "%": #"\%"#,
  "<": "$<$", ">": "$>$", "|": "$|$", "\"": "''", "`": #"\textasciigrave{}"#,
  "−": "$-$", "×": #"$\times$"#, "·": #"$\cdot$"#, "±": #"$\pm$"#, "∞": #"$\infty$"#,
  "≈": #"$\approx$"#, "≤": #"$\leq$"#, "≥": #"$\geq$"#, "≠": #"$\neq$"#, "→": #"$\to$"#,
  "↔": #"$\leftrightarrow$"#,
  "∂": #"$\partial$"#, "∑": #"$\sum$"#, "√": #"$\surd$"#, "…": #"\ldots{}"#, "°": #"$^{\circ}$"#,
  "⁰": "$^{0}$", "¹": "$^{1}$", "²": "$^{2}$", "³": "$^{3}$", "⁴": "$^{4}$", "⁵": "$^{5}$",
  "⁶": "$^{6}$", "⁷": "$^{7}$", "⁸": "$^{8}$", "⁹": "$^{9}$", "⁻": "$^{-}$", "⁺": "$^{+}$",
  "α": #"$\alpha$"#, "β": #"$\beta$"#, "γ": #"$\gamma$"#, "δ": #"$\delta$"#, "ε": #"$\epsilon$"#,
  "η": #"$\eta$"#, "κ": #"$\kappa$"#, "λ": #"$\lambda$"#, "μ": #"$\mu$"#, "µ": #"$\mu$"#,
  "π": #"$\pi$"#,
  "σ": #"$\sigma$"#, "τ": #"$\tau$"#, "Δ": #"$\Delta$"#, "Σ": #"$\Sigma$"#,
  "‖": #"$\Vert$"#, "\u{00A0}": "~", "\u{2009}": #"\,"#, "\u{202F}": #"\,"#,
]
