"""Characters of MathML for the commands of LaTeX."""

from __future__ import annotations

__all__ = [
    "ACCENTS", "DOUBLE", "FUNCTIONS", "IDENTIFIERS", "IGNORED", "LARGE", "LIMITS", "OPERATORS", "SCRIPT", "SIZES",
    "SPACES", "TEXT_WORDS",
]  # fmt: skip

_GREEK = (
    "alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu",
    "xi", "omicron", "pi", "rho", "-", "sigma", "tau", "upsilon", "phi", "chi", "psi", "omega",
)  # fmt: skip
IDENTIFIERS = {f"\\{name}": chr(0x3B1 + i) for i, name in enumerate(_GREEK)}
IDENTIFIERS |= {f"\\{name.capitalize()}": chr(0x391 + i) for i, name in enumerate(_GREEK)}
IDENTIFIERS |= {
    "\\epsilon": "ϵ", "\\varepsilon": "ε", "\\phi": "ϕ", "\\varphi": "φ", "\\vartheta": "ϑ", "\\ell": "ℓ",
    "\\infty": "∞", "\\partial": "∂", "\\emptyset": "∅", "\\nabla": "∇", "\\dagger": "†", "\\ldots": "…", "\\dots": "…",
    "\\cdots": "⋯", "\\vdots": "⋮", "\\top": "⊤", "\\imath": "ı",
}  # fmt: skip
OPERATORS = {
    "\\le": "≤", "\\leq": "≤", "\\ge": "≥", "\\geq": "≥", "\\ne": "≠", "\\neq": "≠", "\\sim": "∼", "\\approx": "≈",
    "\\to": "→", "\\mapsto": "↦", "\\rightarrow": "→", "\\Longrightarrow": "⟹", "\\Rightarrow": "⇒", "\\in": "∈",
    "\\notin": "∉", "\\times": "×", "\\cdot": "⋅", "\\pm": "±", "\\mp": "∓", "\\forall": "∀", "\\exists": "∃",
    "\\subset": "⊂", "\\subseteq": "⊆", "\\setminus": "∖", "\\mid": "∣", "\\wedge": "∧", "\\vee": "∨", "\\cup": "∪",
    "\\cap": "∩", "\\otimes": "⊗", "\\oplus": "⊕", "\\circ": "∘", "\\odot": "⊙", "\\succeq": "⪰", "\\preceq": "⪯",
    "\\succ": "≻", "\\equiv": "≡", "\\propto": "∝", "\\ll": "≪", "\\gg": "≫", "\\neg": "¬", "\\ast": "∗", "\\star": "⋆",
    "\\surd": "√", "\\langle": "⟨", "\\rangle": "⟩", "\\lfloor": "⌊", "\\rfloor": "⌋", "\\lceil": "⌈", "\\rceil": "⌉",
    "\\{": "{", "\\}": "}", "\\|": "‖", "\\Vert": "‖", "\\vert": "|", "\\_": "_", "\\%": "%", "\\#": "#", "\\&": "&",
    "-": "−", "*": "∗",
}  # fmt: skip
LARGE = {"\\sum": "∑", "\\prod": "∏", "\\int": "∫"}
FUNCTIONS = {
    "log", "ln", "exp", "sin", "cos", "tan", "cot", "sec", "csc", "sinh", "cosh", "tanh", "coth", "arcsin",
    "arccos", "arctan", "max", "min", "sup", "inf", "lim", "det", "dim", "ker", "arg", "gcd", "Pr", "deg",
}  # fmt: skip
LIMITS = {"\\max", "\\min", "\\sup", "\\inf", "\\lim"}
SPACES = {
    "\\,": "0.17em", "\\:": "0.22em", "\\;": "0.28em", "\\ ": "0.33em", "~": "0.33em", "\\quad": "1em",
    "\\qquad": "2em", "\\!": "-0.17em",
}  # fmt: skip
ACCENTS = {
    "\\overline": "¯", "\\bar": "¯", "\\dot": "˙", "\\ddot": "¨", "\\hat": "^", "\\widehat": "^", "\\tilde": "~",
}  # fmt: skip
SIZES = {f"\\{size}{side}" for size in ("big", "Big", "bigg", "Bigg") for side in ("l", "r", "")}
SCRIPT = dict(zip("BEFHILMR", "ℬℰℱℋℐℒℳℛ", strict=True))
DOUBLE = dict(zip("CHNPQRZ", "ℂℍℕℙℚℝℤ", strict=True))
IGNORED = {"\\displaystyle", "\\textstyle", "\\limits", "\\nolimits"}
TEXT_WORDS = {
    "\\textbackslash": "\\", "\\textasciitilde": "~", "\\textasciicircum": "^", "\\textless": "<", "\\textgreater": ">",
    "\\textbar": "|", "\\ ": " ",
}  # fmt: skip
