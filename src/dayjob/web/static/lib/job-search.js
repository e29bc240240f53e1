// What a list of jobs can be searched by, as text and in parts. Pure.

export const STATUSES = [["pending", "Waiting"], ["running", "Running"], ["completed", "Completed"], ["failed", "Failed"], ["cancelled", "Cancelled"]];
export const STATUS_NAMES = STATUSES.map(([name]) => name);

/** "type:sync_all status:failed backup" -> {type: [...], status: [...], id: "", parent: "", words: [...]} */
export function parseSearch(text) {
  const found = { type: [], status: [], id: "", parent: "", words: [] };
  for (const part of text.trim().split(/\s+/).filter(Boolean)) {
    const [, name, value] = /^(type|status|id|parent):(.+)$/i.exec(part) ?? [];
    if (/^(id|parent)$/i.test(name)) found[name.toLowerCase()] = value;
    else if (name?.toLowerCase() === "status") found.status.push(...value.toLowerCase().split(",").filter((one) => STATUS_NAMES.includes(one)));
    else if (name) found[name.toLowerCase()].push(value);
    else found.words.push(part.toLowerCase());
  }
  return found;
}

/** The same as text. */
export function searchText({ type, status, id, parent, words }) {
  return [...type.map((one) => `type:${one}`), ...status.map((one) => `status:${one}`), id && `id:${id}`, parent && `parent:${parent}`, ...words].filter(Boolean).join(" ");
}
