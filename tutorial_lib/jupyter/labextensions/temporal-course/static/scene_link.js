// The address of a scene: a notebook's own in JupyterLab with `?scene=4.1`, numbered as the run sheet and the slides do.
//
// A link may come from anywhere, so it runs nothing by itself: it shows the scene, and asks.

import { kindsOf, numberOf } from "./deck.js";

const WORKSPACE = "temporal-course"; // the lesson, with the Web UI beside it
const TREE = /\/tree\/(.+)$/;

/** The notebook and the scene that an address names; null if it names none. */
export function sceneIn({ pathname, search }) {
  const number = new URLSearchParams(search).get("scene");
  const [, path] = pathname.match(TREE) ?? [];
  return number && path ? { number, path: decodeURIComponent(path) } : null;
}

/** The address of a notebook's scene. */
export function linkTo(baseUrl, path, number) {
  const there = `lab/workspaces/${WORKSPACE}/tree/${path.split("/").map(encodeURIComponent).join("/")}`;
  const url = new URL(`${baseUrl}${there}`, location.href);
  url.searchParams.set("scene", number);
  return url.href;
}

/** Number of the scene that a cell is in. */
export const numberAt = (cells, index) => numberOf(kindsOf(cells), index);

/** Index of the first cell of a scene, -1 if there is none of this number; and the last scene's number. */
export function findScene(cells, number) {
  const kinds = kindsOf(cells);
  const numbers = kinds.map((_, index) => numberOf(kinds, index));
  return { at: numbers.indexOf(number), last: numbers.at(-1) };
}
