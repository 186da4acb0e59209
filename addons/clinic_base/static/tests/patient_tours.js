import {TourAutomatic} from "@web_tour/js/tour_automatic/tour_automatic";

// A step waits for what it looks for; on a small machine with other jobs beside it ten
// seconds are too few for a PDF or a first page. How quick we are is for benchmarks.
TourAutomatic.prototype.timeout = 60000;
