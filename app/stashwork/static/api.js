// The routes of stashwork. Every call resolves with the value, and rejects with `Problem`.

import { Problem, request } from "./jobs.js";

const BASE = new URL("../api", document.baseURI).href;

export const library = () => request(`${BASE}/library`);
export const names = (kind, beginning) => request(`${BASE}/library/names/${kind}?${new URLSearchParams({ beginning })}`);
export const settings = () => request(`${BASE}/settings`);
export const changeSettings = (changes) => request(`${BASE}/settings`, { method: "PATCH", body: changes });
export const testConnection = (candidate) => request(`${BASE}/settings/test`, { method: "POST", body: candidate });
export const plans = (cursor = null) => request(`${BASE}/plans${cursor ? `?cursor=${cursor}` : ""}`);
export const plan = (id) => request(`${BASE}/plans/${id}`);
export const changes = (id, query) => request(`${BASE}/plans/${id}/changes?${new URLSearchParams(query)}`);
export const decide = (id, verdict) => request(`${BASE}/plans/${id}/decisions`, { method: "POST", body: verdict });
export const edit = (id, change, value) => request(`${BASE}/plans/${id}/changes/${change}/value`, { method: "PUT", body: { value } });
export const analyze = (analysis) => request(`${BASE}/plans`, { method: "POST", body: analysis });
export const apply = (id) => request(`${BASE}/plans/${id}/apply`, { method: "POST" });
export const undo = (id) => request(`${BASE}/plans/${id}/undo`, { method: "POST" });
export const remove = (id) => request(`${BASE}/plans/${id}`, { method: "DELETE" });

/** The JSON Schema of what an analysis can be asked for. */
export async function analysisSchema() {
  const { components } = await request(new URL("../openapi.json", document.baseURI).href);
  if (!components?.schemas?.Analysis) throw new Problem(500, { detail: "This server does not say what an analysis can do." });
  return { ...components.schemas.Analysis, components };
}
