// The dashboard: its views, its keys, and what it says about jobs.

import { Jobs } from "./lib/api.js";
import { el, onceAFrame, show } from "./lib/dom.js";
import { Actions } from "./parts/actions.js";
import { icon } from "./parts/icons.js";
import { Shell } from "./parts/shell.js";
import { Store } from "./store.js";
import { jobView } from "./views/job.js";
import { jobsView } from "./views/jobs.js";
import { newView } from "./views/new.js";
import { overviewView } from "./views/overview.js";
import { schedulesView } from "./views/schedules.js";
import { workersView } from "./views/workers.js";

const ANNOUNCE_EVERY = 10_000;

const api = new Jobs(new URL("..", document.baseURI).href);
const store = new Store(api);
const shell = new Shell({
  name: "Jobs",
  store,
  tabs: [
    { icon: icon("overview"), text: "Overview", href: "#/", key: "o" },
    { icon: icon("jobs"), text: "Jobs", href: "#/jobs", key: "j" },
    { icon: icon("schedules"), text: "Schedules", href: "#/schedules", key: "s" },
    { icon: icon("workers"), text: "Workers", href: "#/workers", key: "w" },
  ],
  views: new Map([["", overviewView], ["overview", overviewView], ["jobs", jobsView], ["job", jobView], ["new", newView], ["schedules", schedulesView], ["workers", workersView]]),
  parents: new Map([["overview", ""], ["job", "jobs"], ["new", ""]]),
  keys: [
    ["g n", "New job", () => shell.go("#/new")], ["/", "Search jobs", search],
    ["x", "Select", "select"], ["c", "Cancel", "cancel"], ["r", "Retry, run again", "retry"],
  ],
  tools: [el("a", { class: "button primary", href: "#/new", "aria-label": "New job" }, icon("plus"), el("span", {}, "New job"))],
  title: (heading) => `${store.stats?.jobs?.running ? `(${store.stats.jobs.running}) ` : ""}${heading}`,
});

function search() {
  const field = document.querySelector("[data-search]");
  if (field) field.select();
  else shell.go("#/jobs?find");
}

/** A job has ended: said to screen readers, but not of each job where they are many. */
function announce({ detail: { job, was } }) {
  if (!job?.completed_at || !was || was.completed_at) return;
  if (Date.now() - shell.messages.saidAt > ANNOUNCE_EVERY || job.status === "failed") shell.say(`${job.type} ${job.status}`);
}

store.addEventListener("job", announce);
store.addEventListener("stats", onceAFrame(() => {
  shell.retitle();
  for (const tab of shell.tabs) show(tab, !store.denied.has(tab.dataset.tab));
}));
store.start();
shell.start(document.getElementById("app"), { api, store, actions: new Actions(api, store, shell) });
