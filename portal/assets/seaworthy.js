// What scripts add to every page. Each module leaves a page alone that has nothing for it.
import "./preferences.js";
import "./search.js";
import "./copy.js";
import "./live.js";
import "./chart.js";
import "./waterfall.js";
import "./flame.js";
import "./tabs.js";
