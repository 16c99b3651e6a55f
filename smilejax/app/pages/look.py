"""How pages look: one style sheet, light and dark, and the script that hears keys. No font and no picture from elsewhere."""

STYLE = """
:root { --paper: #f6f7f9; --card: #ffffff; --ink: #20262f; --muted: #5c6675; --line: #dfe3e9; --accent: #0b6a9f;
  --accent-soft: #e3f0f8; --on-accent: #ffffff; --bad: #b3261e; --bad-soft: #fbeae9; --warn: #8a5300;
  --warn-soft: #fdf3e1; --good: #1e6b3c;
  --good-soft: #e4f4ea; }
body.body--dark { --paper: #14181f; --card: #1c222b; --ink: #e6eaf0; --muted: #9aa5b5; --line: #303947;
  --accent: #6cbdea;
  --accent-soft: #1d3442; --on-accent: #0d1822; --bad: #ff9d94; --bad-soft: #3d2220; --warn: #f3c06b;
  --warn-soft: #3a2f1a; --good: #86d6a3;
  --good-soft: #1d3527; }
body { --q-primary: var(--accent) !important; background: var(--paper) !important; color: var(--ink);
  font-family: system-ui, -apple-system, "Segoe UI", sans-serif;
  font-size: 14px; }
.nicegui-content { padding: 0 !important; gap: 0 !important; width: 100%; }
.bar { background: var(--card); border-bottom: 1px solid var(--line); width: 100%; position: sticky; top: 0;
  z-index: 20;
  display: flex; align-items: center; gap: 18px; padding: 0 20px; height: 52px; }
.brand { font-weight: 650; font-size: 16px; letter-spacing: -0.01em; }
.source { color: var(--muted); overflow: hidden; text-overflow: ellipsis; white-space: nowrap; min-width: 0; flex: 1;
  text-align: right; }
.bar .q-tab { min-height: 52px; padding: 0 14px; text-transform: none; }
.bar .q-tab__label { font-size: 14px; font-weight: 550; }
.bar .q-tabs { color: var(--muted); }
.bar .q-tab--active { color: var(--accent); }
:root:has(body.body--dark) { color-scheme: dark; }
.part { padding: 16px 20px 28px; width: 100%; }
.part.away { visibility: hidden; position: absolute; left: 0; height: 0; overflow: hidden; padding-block: 0; }
.part.away * { visibility: hidden !important; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; width: 100%;
  display: flex; flex-direction: column; gap: 10px; min-width: 0; }
.heading { font-weight: 620; font-size: 15px; }
.muted { color: var(--muted); }
.small { font-size: 12.5px; line-height: 1.4; }
.split { display: grid; grid-template-columns: minmax(340px, 420px) minmax(0, 1fr); gap: 16px; width: 100%;
  align-items: start; }
.trials { display: grid; grid-template-columns: minmax(0, 1fr) 330px; gap: 16px; width: 100%; align-items: start; }
.stack { display: flex; flex-direction: column; gap: 12px; min-width: 0; width: 100%; }
.line { display: flex; align-items: center; gap: 10px; flex-wrap: wrap; width: 100%; }
.tight { gap: 6px; }
.grow { flex: 1; min-width: 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(165px, 1fr)); gap: 12px; width: 100%; }
.fact-name { color: var(--muted); font-size: 12px; }
.fact-value { font-weight: 560; overflow-wrap: anywhere; }
.findings { display: grid; grid-template-columns: minmax(110px, 190px) minmax(0, 1fr) max-content; gap: 0;
  width: 100%; }
.findings > * { padding: 6px 10px 6px 0; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.tag { font-size: 12px; border-radius: 999px; padding: 1px 9px; background: var(--accent-soft); color: var(--accent);
  align-self: center; white-space: nowrap; }
.tag.given { background: var(--good-soft); color: var(--good); }
.tag.warning { background: var(--warn-soft); color: var(--warn); }
.tag.default, .tag.inferred { background: transparent; color: var(--muted); border: 1px solid var(--line); }
.problem { background: var(--bad-soft); color: var(--bad); border-radius: 8px; padding: 10px 12px; width: 100%;
  overflow-wrap: anywhere; display: flex; flex-direction: column; gap: 4px; }
.notice { background: var(--warn-soft); color: var(--warn); border-radius: 8px; padding: 8px 12px; width: 100%;
  overflow-wrap: anywhere; }
.verdict { background: var(--accent-soft); border-radius: 8px; padding: 8px 12px; width: 100%; overflow-wrap: anywhere; }
.done { background: var(--good-soft); color: var(--good); border-radius: 8px; padding: 8px 12px; width: 100%;
  overflow-wrap: anywhere; }
.q-field { width: 100%; }
.q-field--with-bottom { padding-bottom: 0 !important; }
.q-field__bottom { position: static !important; transform: none !important; padding: 4px 2px 0 !important; min-height: 0;
  line-height: 1.35; font-size: 12.5px; color: var(--bad) !important; overflow-wrap: anywhere; }
.q-field:not(.q-field--error) .q-field__bottom { display: none; }
.q-field__label, .q-field__native, .q-field__input, .q-item__label { color: var(--ink); }
.q-field__label { color: var(--muted); }
.q-field__native::placeholder, .q-field__input::placeholder { color: var(--muted) !important;
  opacity: 0.75 !important; }
.q-btn--dense { padding: 4px 10px 4px 6px; }
.q-btn--round.q-btn--dense, .entry.q-btn--dense { padding: 4px 6px; }
.q-btn { text-transform: none; font-weight: 560; letter-spacing: 0; border-radius: 8px; }
.q-btn.plain { color: var(--ink); border: 1px solid var(--line); background: var(--card); }
.q-btn.main { background: var(--accent); color: var(--on-accent); }
.q-btn.out { border: 1px solid var(--bad); color: var(--bad); background: transparent; }
.q-btn.in { border: 1px solid var(--good); color: var(--good); background: transparent; }
.q-btn.bare { color: var(--ink); background: transparent; }
.q-expansion-item { border-top: 1px solid var(--line); }
.q-expansion-item .q-item { padding: 4px 0; min-height: 34px; font-weight: 560; }
.q-expansion-item__content { padding-bottom: 10px; }
.q-dialog .card { max-width: 560px; max-height: 80vh; overflow: auto; }
.q-menu, .q-dialog__inner > .card { background: var(--card); color: var(--ink); }
.q-slider, .q-slider__track-container .text-primary, .q-spinner { color: var(--accent) !important; }
.recipe { position: sticky; top: 68px; max-height: calc(100vh - 84px); overflow: auto; }
.q-toggle__inner--truthy { color: var(--accent); }
.plot { width: 100%; height: max(430px, calc(100vh - 330px)); }
.plot-place { position: relative; width: 100%; }
.plot.waiting { opacity: 0.3; transition: opacity 0.1s 0.25s; }
.busy { position: absolute; top: 45%; left: 50%; transform: translateX(-50%); z-index: 2; display: flex; gap: 10px;
  align-items: center; padding: 8px 14px; border: 1px solid var(--line); border-radius: 8px; background: var(--card);
  max-width: 90%; width: max-content; animation: late 0.01s 0.25s backwards; }
@keyframes late { from { visibility: hidden; } to { visibility: visible; } }
.plot .js-plotly-plot, .plot .plot-container { width: 100%; height: 100%; }
.who { font-weight: 600; overflow-wrap: anywhere; max-height: 4.6em; overflow-y: auto; }
.chips { display: flex; flex-wrap: wrap; gap: 6px 14px; min-height: 22px; align-items: center; }
.chip { display: inline-flex; align-items: center; gap: 6px; font-size: 12.5px; color: var(--ink); }
.swatch { width: 16px; height: 12px; border-radius: 3px; border: 1px solid var(--muted); flex: none; }
.state { border-radius: 999px; padding: 2px 10px; font-size: 12.5px; border: 1px solid var(--line);
  color: var(--muted); }
.state.excluded { background: var(--bad-soft); color: var(--bad); border-color: transparent; }
.state.accepted { background: var(--good-soft); color: var(--good); border-color: transparent; }
.state.rejected { background: var(--warn-soft); color: var(--warn); border-color: transparent; }
.key { border: 1px solid var(--line); border-bottom-width: 2px; border-radius: 5px; padding: 0 6px; font-size: 12px;
  color: var(--muted); font-family: ui-monospace, monospace; }
.setting { display: grid; grid-template-columns: minmax(0, 1fr) 118px; column-gap: 12px; align-items: center;
  width: 100%; }
.setting .name { font-size: 13px; }
.setting .q-slider { grid-column: 1; }
.setting .wrong { grid-column: 1 / -1; color: var(--bad); font-size: 12.5px; overflow-wrap: anywhere; }
.setting.invalid .q-field--outlined .q-field__control:before { border: 2px solid var(--bad); }
.setting.invalid .name { color: var(--bad); }
.setting .q-field__control, .setting .q-field__marginal { height: 30px !important; min-height: 30px !important; }
.setting .q-field__native, .setting .q-field__suffix { min-height: 30px !important; padding: 0 !important;
  font-size: 13px; }
.number-box { width: 84px; }
.select-box { width: 200px; }
.file-box { flex: 1; min-width: 220px; }
.once { white-space: nowrap; }
.command { font-family: ui-monospace, "SF Mono", Menlo, monospace; font-size: 12.5px; white-space: pre-wrap;
  overflow-wrap: anywhere; background: var(--paper); border: 1px solid var(--line); border-radius: 8px; padding: 10px; }
.log { max-height: 320px; overflow: auto; width: 100%; display: flex; flex-direction: column-reverse; }
#popup::after { content: "If it does not come back, smilejax app has ended: start it again in a terminal, and open the new \
address that it prints. Decisions that were made before are kept in their files."; max-width: 46ch; }
a.report { align-self: flex-start; border: 1px solid var(--accent); color: var(--accent) !important; border-radius: 8px;
  padding: 6px 14px; text-decoration: none; font-weight: 560; }
a.report:hover { background: var(--accent-soft); }
.empty { color: var(--muted); padding: 48px 16px; text-align: center; width: 100%; }
.entry { width: 100%; justify-content: flex-start; }
.entry .q-btn__content { justify-content: flex-start; overflow-wrap: anywhere; text-align: left; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
@media (max-width: 1080px) { .trials, .split { grid-template-columns: minmax(0, 1fr); } .plot { height: 460px; }
  .recipe { position: static; max-height: none; } }
@media (max-width: 700px) { .bar { gap: 8px; padding: 0 8px; } .source { display: none; } .part { padding: 12px 8px; } }
"""

KEYS = """
<script>
window.smilejaxKeys = { shown: 0 };
// A decision is about the trial whose curve is drawn: it is told with it, and none is made while another is on its way.
window.smilejaxKeys.drawn = () => document.getElementById('trial-plot')?._fullLayout?.meta ?? '';
window.smilejaxKeys.decide = (what) => {
  const drawn = window.smilejaxKeys.drawn();
  if (!drawn || drawn !== document.querySelector('[data-asked]')?.dataset.asked) return;
  emitEvent('trial_key', { what: what, drawn: drawn });
};
const letGo = (place) => setTimeout(() => {
  const now = document.activeElement;
  if (now && now.closest && now.closest(place)) now.blur();
}, 0);
document.addEventListener('click', (event) => {
  const tab = event.target.closest && event.target.closest('[role=tab]');
  if (tab && event.detail > 0) letGo('[role=tab]');  // a mouse; who goes by Tab stays there
});
document.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.matches && event.target.matches('[data-role=number]')) {
    letGo('[data-role=number]');
  }
});
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const plot = document.getElementById('trial-plot');
  if (!plot || !plot.offsetParent || document.querySelector('.q-dialog')) return;
  const at = event.target;
  if (at.closest && at.closest('input, textarea, select, [role=slider], [role=listbox], .q-menu')) return;
  if (event.key.startsWith('Arrow') && at.closest && at.closest('[role=tab]')) return;
  const meant = { ArrowRight: 'next', j: 'next', ArrowLeft: 'back', k: 'back', a: 'accept', e: 'exclude', x: 'exclude' };
  const what = meant[event.key];
  if (!what) return;
  event.preventDefault();
  window.smilejaxKeys.pressed = performance.now();
  if (what === 'accept' || what === 'exclude') window.smilejaxKeys.decide(what);
  else emitEvent('trial_key', { what: what, drawn: '' });
});
const dark = window.matchMedia('(prefers-color-scheme: dark)');
window.smilejaxTellDark = () => emitEvent('system_dark', dark.matches);
dark.addEventListener('change', window.smilejaxTellDark);
</script>
"""
"""Keys are heard where nothing is typed and no slider is moved. `pressed` is when, for measuring how long a new trace takes."""
