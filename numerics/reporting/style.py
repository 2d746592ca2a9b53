"""The style sheet of the report: one column on a phone, light and dark as the reader's system asks."""

from __future__ import annotations

__all__ = ["STYLE"]

STYLE = """
:root{color-scheme:light dark;--ink:#1c2733;--soft:#5a6775;--page:#fff;--card:#f5f7f9;--line:#d6dde4;--link:#0b5cad;
--good:#116b35;--bad:#b3201b;--open:#8a5a00;--odd:#7a2f8f;--band:#cfe6d7;--interval:#9dbfe6}
@media (prefers-color-scheme:dark){:root{--ink:#e4e9ee;--soft:#9aa7b4;--page:#14191f;--card:#1d242c;--line:#35404b;
--link:#7fb6f2;--good:#6fd394;--bad:#ff8f87;--open:#e6b455;--odd:#d6a1e6;--band:#22402f;--interval:#35598a}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,sans-serif}
main,header,footer{max-width:52rem;margin:0 auto;padding:0 1rem}
header{padding-top:.8rem;font-size:.95rem}
footer{padding:1.5rem 1rem;color:var(--soft);font-size:.85rem}
nav a{margin-right:1rem}
a{color:var(--link)}
h1{font-size:1.5rem;overflow-wrap:anywhere;margin:.8rem 0 .4rem}
h2{font-size:1.12rem;margin:1.8rem 0 .5rem;border-bottom:1px solid var(--line);padding-bottom:.2rem}
p{margin:.5rem 0}
code{font-size:.9em;overflow-wrap:anywhere}
pre{background:var(--card);padding:.7rem;overflow-x:auto;border-radius:6px;font-size:.85rem}
.formula{overflow-x:auto;overflow-y:hidden;padding:.7rem .8rem;background:var(--card);border-radius:6px;margin:.6rem 0}
.formula math{width:max-content;min-width:100%;text-align:left}
math{font-size:1.12em}
.badge{display:inline-block;padding:.05rem .55rem;border:1.5px solid;border-radius:1rem;font-weight:600;
font-size:.85rem;white-space:nowrap}
.holds{color:var(--good)}.fails{color:var(--bad)}.undecided{color:var(--open)}.vacuous,.error{color:var(--odd)}
.soft{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;vertical-align:top;padding:.35rem .6rem .35rem 0;border-bottom:1px solid var(--line);
overflow-wrap:anywhere}
th:not(:last-child),td:not(:last-child){white-space:nowrap}
ul{padding-left:1.2rem}
summary{cursor:pointer;color:var(--link)}
details{margin:.5rem 0}
ol.steps{padding-left:1.4rem}
figure{margin:.8rem 0}
figcaption{color:var(--soft);font-size:.88rem}
svg{width:100%;height:auto;display:block;font:13px system-ui,sans-serif}
svg text{fill:var(--soft)}
.grid,.axis{stroke:var(--line);fill:none}.axis{stroke:var(--soft)}
.band{fill:var(--band)}.interval{fill:var(--interval);fill-opacity:.75}
.measured{fill:none;stroke:var(--link);stroke-width:2}
.stated{fill:none;stroke:var(--good);stroke-width:2;stroke-dasharray:7 4}
.bar{stroke:var(--link);stroke-width:2.2;fill:none}.dot{fill:var(--link)}
@media (max-width:40rem){
svg{font-size:22px}
.stack thead{display:none}
.stack tr{display:block;border-bottom:1px solid var(--line);padding:.4rem 0}
.stack td,.stack td:not(:last-child){display:block;border:0;padding:.05rem 0;white-space:normal}
.stack td[data-name]::before{content:attr(data-name) ": ";color:var(--soft)}
}
"""
