import {registry} from "@web/core/registry";

/**
 * A regular at the desk: the visit of today is repeated every week, one date meets
 * something and gets another time, the others are booked at once.
 */
registry.category("web_tour.tours").add("clinic_series_tour", {
    steps: () => [
        {
            content: "The visit is repeated",
            trigger: ".o_form_view button[name=action_open_repeat]",
            run: "click",
        },
        {
            content: "The first date is the visit itself",
            trigger: ".modal .o_clinic_series_row[data-fate=keep]",
        },
        {
            content: "The others are looked at before anything is written",
            trigger: ".modal .o_clinic_series_row[data-fate=book]",
        },
        {
            content: "One meets a holiday: the first window offered instead",
            trigger:
                ".modal .o_clinic_series_row[data-fate=settle]:contains(Tour holiday) .o_clinic_series_choice:first",
            run: "click",
        },
        {
            trigger:
                ".modal .o_clinic_series_row[data-fate=book]:contains(Tour holiday)",
        },
        {
            content: "Another date is left out",
            trigger:
                ".modal .o_clinic_series_row[data-fate=book]:last .o_clinic_series_skip",
            run: "click",
        },
        {
            trigger: ".modal .o_clinic_series_row[data-fate=skip]",
        },
        {
            content: "Book",
            trigger: ".modal footer button[name=action_book]",
            run: "click",
        },
        {
            content: "The regular visits are shown with their dates",
            trigger: ".o_form_view .o_field_widget[name=line_ids] .o_data_row",
        },
        {
            trigger: ".o_form_view button[name=action_open_extend]",
        },
    ],
});
