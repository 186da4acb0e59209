import {
    clickOnSave,
    insertSnippet,
    registerWebsitePreviewTour,
} from "@website/js/tours/tour_utils";

// made by the test
const PAGE = {url: "/clinic-editor-test", edition: true};

// An editor of the site puts the button “Book a visit” among the words of a text.
registerWebsitePreviewTour("clinic_portal_editor", PAGE, () => [
    ...insertSnippet({id: "s_text_block", name: "Text", groupName: "Text"}),
    {
        trigger:
            ".o_block_tab:not(.o_we_ongoing_insertion) #snippet_content " +
            "[data-snippet=s_clinic_book].o_snippet_thumbnail",
        run: "drag_and_drop :iframe .s_text_block p",
    },
    {
        content: "It stands in the text",
        trigger: ":iframe .s_text_block a.s_clinic_book",
    },
    ...clickOnSave(),
]);
