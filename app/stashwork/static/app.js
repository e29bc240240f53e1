// stashwork's pages: its views and its keys.

import { Jobs, Shell, Store, icon } from "./jobs.js";
import { ownIcon } from "./pieces.js";
import { analyzeView } from "./views/analyze.js";
import { homeView } from "./views/home.js";
import { plansView } from "./views/plans.js";
import { reviewView } from "./views/review.js";
import { settingsView } from "./views/settings.js";

const jobs = new Jobs(new URL("../jobs", document.baseURI).href);
const store = new Store(jobs);
const shell = new Shell({
  name: "stashwork",
  store,
  tabs: [
    { icon: ownIcon("home"), text: "Home", href: "#/", key: "h" },
    { icon: ownIcon("plans"), text: "Plans", href: "#/plans", key: "p" },
    { icon: ownIcon("settings"), text: "Settings", href: "#/settings", key: "s" },
    { icon: icon("jobs"), text: "Jobs", href: "../jobs/ui/", key: "d" },
  ],
  views: new Map([["", homeView], ["home", homeView], ["plans", plansView], ["plan", reviewView], ["analyze", analyzeView], ["settings", settingsView]]),
  parents: new Map([["home", ""], ["plan", "plans"], ["analyze", ""]]),
  keys: [["a", "Approve", "approve"], ["r", "Reject", "reject"], ["u", "Take back", "pending"], ["e", "Edit", "edit"], ["x", "Select", "select"]],
  tools: [],
  title: (heading) => `${heading} – stashwork`,
});

store.start();
shell.start(document.getElementById("app"), { jobs, store });
