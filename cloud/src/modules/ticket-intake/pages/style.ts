/** One style for all pages for everybody: light and dark by what the reader’s device asks, on paper black on white. */
export const style = `
:root{color-scheme:light dark;--canvas:#f3f5f5;--surface:#fff;--sunken:#f3f6f5;--line:#dfe4e3;--line-strong:#7d8986;--text:#17201e;--soft:#4d5957;
--accent:#0b6f6a;--accent-strong:#085a56;--on-accent:#fff;--accent-soft:#e4f1ef;--bad:#b3261e;--bad-soft:#fdefed;--warn:#8f5600;--warn-soft:#fdf3e0;--radius:10px}
@media(prefers-color-scheme:dark){:root{--canvas:#0d1211;--surface:#151c1b;--sunken:#1b2423;--line:#2a3533;--line-strong:#7c8a87;--text:#e6ecea;--soft:#a9b5b2;
--accent:#54bfb4;--accent-strong:#7bd2c8;--on-accent:#06201d;--accent-soft:#17302d;--bad:#f5958b;--bad-soft:#331a18;--warn:#e6b25a;--warn-soft:#2f2510}}
*,*::before,*::after{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--canvas);color:var(--text);font:1rem/1.65 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans SC","Noto Sans CJK SC",sans-serif;overflow-wrap:anywhere;min-height:100vh;display:flex;flex-direction:column}
h1,h2,p,ol,ul,dl,dd,fieldset,legend{margin:0;padding:0}fieldset{border:0;min-width:0}ol,ul{list-style:none}
a{color:var(--accent);text-underline-offset:.2em}a:hover{color:var(--accent-strong)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
.top{background:var(--surface);border-bottom:1px solid var(--line)}
.top>div,main,footer{width:100%;max-width:46rem;margin:0 auto;padding-inline:1.25rem}
.top>div{display:flex;align-items:center;gap:.25rem 1.25rem;min-height:3.5rem;flex-wrap:wrap;padding-block:.5rem}
.who{font-weight:600;margin-inline-end:auto;display:flex;gap:.6rem;align-items:center;min-width:0}
.who::before{content:"";flex:none;width:.4rem;height:1.25rem;border-radius:1rem;background:var(--accent)}
.top a{display:inline-flex;align-items:center;min-height:2.75rem;text-decoration:none}.top a:hover{text-decoration:underline}
main{padding-block:2rem 3rem;flex:1}h1{font-size:1.75rem;line-height:1.3;letter-spacing:-.01em}
.lead{color:var(--soft);margin-top:.6rem;max-width:40em;white-space:pre-line}
h2,.section>legend{font-size:1.125rem;font-weight:600;line-height:1.4}
.card{background:var(--surface);border:1px solid var(--line);border-radius:var(--radius);padding:1.5rem;margin-top:1.25rem}
.section>legend{float:left;width:100%;padding-bottom:.75rem;margin-bottom:1.2rem;border-bottom:1px solid var(--line)}.section>legend+*{clear:both;margin-top:0}
.field{margin-top:1.35rem}.card>.field:first-child{margin-top:0}
label,.field legend{display:block;font-weight:600}.field legend{float:left;width:100%;padding-bottom:.1rem}.field legend+*{clear:both}
.need{font-weight:400;font-size:.8125rem;color:var(--soft);margin-inline-start:.4em;padding:.1em .5em;border-radius:1em;background:var(--sunken);white-space:nowrap}
.hint{color:var(--soft);font-size:.9375rem;margin-top:.1rem}
input[type=text],input[type=tel],input[type=number],input[type=date],select,textarea{font:inherit;color:inherit;width:100%;min-height:3rem;margin-top:.45rem;padding:.6rem .8rem;border:1px solid var(--line-strong);border-radius:8px;background:var(--surface)}
textarea{min-height:9rem;line-height:1.6;resize:vertical;display:block}input[type=date],input[type=number]{max-width:14rem}
input:focus,select:focus,textarea:focus{outline:3px solid var(--accent);outline-offset:0;border-color:var(--accent)}
input[type=file]{font:inherit;width:100%;margin-top:.45rem;padding:.8rem;border:1px dashed var(--line-strong);border-radius:8px;background:var(--sunken);color:var(--soft)}
::file-selector-button{font:inherit;font-weight:500;margin-inline-end:.9rem;padding:.45rem .95rem;border:1px solid var(--line-strong);border-radius:8px;background:var(--surface);color:var(--text)}
.options{display:grid;margin-top:.45rem;grid-template-columns:repeat(auto-fill,minmax(9.5rem,1fr));gap:.5rem}.options.many{max-height:22rem;overflow:auto;padding:3px;margin-inline:-3px}
.option{display:flex;align-items:center;gap:.6rem;min-height:3rem;padding:.4rem .9rem;border:1px solid var(--line-strong);border-radius:8px;font-weight:400;cursor:pointer;overflow-wrap:break-word}
.option:hover{background:var(--sunken)}.option:has(:checked){border-color:var(--accent);background:var(--accent-soft);box-shadow:inset 0 0 0 1px var(--accent)}
.option:has(:focus-visible){outline:3px solid var(--accent);outline-offset:2px}.option input:focus-visible{outline:none}
input[type=radio],input[type=checkbox]{flex:none;width:1.15rem;height:1.15rem;margin:0;accent-color:var(--accent)}
.degrees{display:grid;grid-template-columns:repeat(5,1fr);gap:.5rem}
.degrees .option{flex-direction:column;justify-content:center;gap:.35rem;padding:.8rem .25rem;text-align:center;font-size:.9375rem}
button{font:inherit;font-weight:600;min-height:3rem;padding:.6rem 1.75rem;border:0;border-radius:8px;background:var(--accent);color:var(--on-accent);cursor:pointer}
button:hover{background:var(--accent-strong)}button.quiet{background:none;color:var(--text);border:1px solid var(--line-strong);font-weight:500}button.quiet:hover{background:var(--sunken)}
.send{margin-top:1.5rem;display:flex;flex-wrap:wrap;align-items:center;gap:.9rem 1.25rem}.send .hint{flex:1 1 14rem;margin:0}
.faults{border:1px solid var(--bad);border-inline-start-width:6px;background:var(--bad-soft);border-radius:var(--radius);padding:1rem 1.25rem;margin-top:1.25rem}
.faults h2{color:var(--bad)}.faults ul{list-style:disc;padding-inline-start:1.25rem;margin-top:.4rem}.faults a{color:var(--bad)}
.done{border:1px solid var(--accent);border-inline-start-width:6px;background:var(--accent-soft);border-radius:var(--radius);padding:1rem 1.25rem;margin-top:1.25rem}
.bad{border-inline-start:4px solid var(--bad);padding-inline-start:1rem}.error{color:var(--bad);font-weight:500;margin-top:.25rem}.bad input,.bad select,.bad textarea{border-color:var(--bad)}
.trap{position:absolute;left:-9999px;top:0}
.slip{text-align:center}.slip .mark{width:3.25rem;height:3.25rem;color:var(--accent)}.slip h1{margin-top:.5rem}
.keys{display:grid;grid-template-columns:1fr 1fr;margin-top:1.5rem;border:1px dashed var(--line-strong);border-radius:var(--radius);background:var(--sunken)}
.keys>div{padding:1rem .75rem}.keys>div+div{border-inline-start:1px dashed var(--line-strong)}.keys dt{color:var(--soft);font-size:.9375rem}
.big{font:600 1.375rem/1.4 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;letter-spacing:.04em;user-select:all}
.keep{margin-top:1rem;padding:.7rem 1rem;border-radius:8px;background:var(--warn-soft);color:var(--warn);font-weight:500}
.next{counter-reset:n;display:grid;gap:.9rem;margin-top:1rem;text-align:start}.next li{display:grid;grid-template-columns:1.75rem 1fr;gap:.75rem;counter-increment:n}
.next li::before{content:counter(n);display:grid;place-items:center;width:1.75rem;height:1.75rem;border-radius:50%;background:var(--accent-soft);color:var(--accent-strong);font-weight:600;font-size:.9375rem}
@media(prefers-color-scheme:dark){.next li::before{color:var(--accent)}}
.acts{display:flex;flex-wrap:wrap;gap:.9rem 1.5rem;align-items:center;margin-top:1.5rem;justify-content:center}
.about{display:flex;flex-wrap:wrap;gap:.35rem 2.5rem}.about dt{color:var(--soft);font-size:.9375rem}.about dd{font-variant-numeric:tabular-nums}
.state{display:inline-block;font-size:1rem;font-weight:600;padding:.15rem .8rem;border-radius:1rem;background:var(--accent-soft);color:var(--accent-strong);vertical-align:.2em}
@media(prefers-color-scheme:dark){.state{color:var(--accent)}}.state.over{background:var(--sunken);color:var(--soft)}
.way{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;margin-top:1.5rem}.way li{position:relative;text-align:center;padding-top:1.75rem;color:var(--soft);font-size:.9375rem}
.way li::before{content:"";position:absolute;top:.25rem;left:calc(50% - .5rem);width:1rem;height:1rem;border-radius:50%;border:2px solid var(--line-strong);background:var(--surface);z-index:1}
.way li+li::after{content:"";position:absolute;top:calc(.75rem - 1px);right:50%;width:100%;height:2px;background:var(--line)}
.way .past::before,.way .now::before{border-color:var(--accent);background:var(--accent)}.way .past+li::after{background:var(--accent)!important}
.way .now{color:var(--text);font-weight:600}.way .now::before{box-shadow:0 0 0 4px var(--accent-soft)}
.answer{border-inline-start:4px solid var(--accent);padding-inline-start:1rem;margin-top:.9rem}.answer dt{color:var(--soft);font-size:.9375rem}.answer dd{white-space:pre-line}
.answer:only-child dt{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.story{margin-top:1rem}.story li{position:relative;padding:0 0 1.1rem 1.75rem;display:flex;flex-wrap:wrap;gap:0 1rem}.story li:last-child{padding-bottom:0}
.story li::before{content:"";position:absolute;left:.3rem;top:.55rem;width:.6rem;height:.6rem;border-radius:50%;background:var(--line-strong)}
.story li:not(:last-child)::after{content:"";position:absolute;left:calc(.6rem - 1px);top:1.3rem;bottom:-.45rem;width:2px;background:var(--line)}
.story li:first-child::before{background:var(--accent);box-shadow:0 0 0 4px var(--accent-soft)}.story li:first-child b{color:var(--text)}.story b{font-weight:500;color:var(--soft)}
.story time{color:var(--soft);font-variant-numeric:tabular-nums;margin-inline-start:auto;white-space:nowrap}
details.card{padding:0}summary{padding:1rem 1.5rem;cursor:pointer;font-weight:500;min-height:3rem}details>form{padding:0 1.5rem 1.5rem}
footer{padding-block:1.25rem 2rem;color:var(--soft);font-size:.875rem}
@media(max-width:34rem){main{padding-block:1.35rem 2rem}.top>div,main,footer{padding-inline:1rem}h1{font-size:1.5rem}.card{padding:1.15rem 1rem}.options{grid-template-columns:1fr 1fr}
.degrees{grid-template-columns:1fr}.degrees .option{flex-direction:row;justify-content:flex-start;padding:.4rem .9rem;gap:.6rem}.send button{width:100%}.keys{grid-template-columns:1fr}
.keys>div+div{border-inline-start:0;border-top:1px dashed var(--line-strong)}summary{padding:1rem}details>form{padding:0 1rem 1.15rem}.story time{margin-inline-start:0;flex-basis:100%}}
@media print{body{background:#fff;color:#000}.top a,.acts,footer,details{display:none}.card{border-color:#999;break-inside:avoid}}`;
