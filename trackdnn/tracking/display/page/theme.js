// Colours as the browser's light or dark mode wants them, red, green and blue to 1.

const theme = {};
const darkness = window.matchMedia("(prefers-color-scheme: dark)");

const rgb = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);

function readTheme() {
  const style = getComputedStyle(document.documentElement);
  for (const name of ["background", "text", "quiet", "outline"])
    theme[name] = rgb(style.getPropertyValue(`--${name}`).trim());
  theme.colours = {};
  // Violet and plum are too dark for a dark background as they are.
  const lift = darkness.matches ? 0.22 : 0;
  for (const { key, colour, source } of scene.legend) {
    const raised = rgb(colour).map((part) => part + lift * (1 - part));
    theme.colours[key] = source === "hits" ? rgb(colour) : raised;
  }
}

const css = (colour) => `rgb(${colour.map((part) => Math.round(255 * part)).join(" ")})`;

// The colour of what is picked: that of its layer, the text's for hits.
function pickedColour() {
  const { source, row } = state.picked;
  if (source === "hits") return theme.colours.hits;
  // What is missed is drawn over what is true.
  const entries = scene.legend.filter((entry) => entry.source === source).reverse();
  const entry = entries.find(({ rows }) => rows.includes(row));
  return entry ? theme.colours[entry.key] : theme.text;
}
