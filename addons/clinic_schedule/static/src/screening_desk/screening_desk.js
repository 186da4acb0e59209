import {Component, onWillStart, useRef, useState} from "@odoo/owl";
import {KeepLast} from "@web/core/utils/concurrency";
import {Layout} from "@web/search/layout";
import {RecordSelector} from "@web/core/record_selectors/record_selector";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";
import {useService} from "@web/core/utils/hooks";

const MODEL = "clinic.screening";

/**
 * The screening by phone or at the desk: the questions of the published questionnaire,
 * who suits and why the others do not, and the way into the booking dialog.
 *
 * Which questions are asked next is decided by the server alone.
 */
export class ScreeningDesk extends Component {
    static template = "clinic_schedule.ScreeningDesk";
    static components = {Layout, RecordSelector};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.keepLast = new KeepLast();
        this.result = useRef("result");
        this.display = {controlPanel: {}};
        this.form = {questions: [], problems: [], branches: []};
        this.state = useState({});
        const patientId = this.props.action.context.default_patient_id;
        onWillStart(() => this.begin(patientId));
    }

    /** Start anew, for another caller. */
    async begin(patientId = false) {
        this.session = crypto.randomUUID();
        this.form = await this.orm.call(MODEL, "get_desk_form", [patientId]);
        const {patient} = this.form;
        Object.assign(this.state, {
            patientId: patient.id,
            birthdate: patient.birthdate,
            gender: patient.gender,
            branchId: "",
            problemIds: [],
            answerIds: [],
            asked: [],
            redFlags: [],
            result: null,
            showRefused: false,
        });
        await this.refresh();
        this.count("opened");
    }

    get values() {
        const {state} = this;
        return {
            session: this.session,
            patient_id: state.patientId || false,
            birthdate: state.birthdate || false,
            gender: state.gender || false,
            branch_ids: state.branchId ? [parseInt(state.branchId)] : [],
            problem_ids: [...state.problemIds],
            answer_ids: [...state.answerIds],
        };
    }

    /** What is asked of this person: `urgent` before anything else, then the rest. */
    get questions() {
        const asked = new Set(this.state.asked);
        const questions = this.form.questions.filter((each) => asked.has(each.id));
        const isUrgent = (each) => each.answers.some((answer) => answer.is_red_flag);
        return {
            urgent: questions.filter(isUrgent),
            rest: questions.filter((each) => !isUrgent(each)),
        };
    }

    get noMatch() {
        return this.state.result && !this.state.result.matches.length;
    }

    isGiven(answer) {
        return this.state.answerIds.includes(answer.id);
    }

    count(step, questionId = false) {
        this.orm.silent
            .call(MODEL, "count_desk_step", [this.session, step, questionId])
            .catch(() => {
                // A missing count must not stand in the way of a patient.
            });
    }

    /** Ask the server what is asked next, now that an answer has changed. */
    async refresh() {
        this.state.result = null;
        const found = await this.keepLast.add(
            this.orm.call(MODEL, "get_desk_questions", [this.values])
        );
        this.state.asked = found.asked;
        this.state.redFlags = found.red_flags;
    }

    async onPatient(patientId) {
        this.state.patientId = patientId;
        if (patientId) {
            const {patient} = await this.orm.call(MODEL, "get_desk_form", [patientId]);
            this.state.birthdate = patient.birthdate || this.state.birthdate;
            this.state.gender = patient.gender || this.state.gender;
        }
        await this.refresh();
    }

    onField(name, ev) {
        this.state[name] = ev.target.value;
        return this.refresh();
    }

    onProblem(problem) {
        this.toggle(this.state.problemIds, problem.id);
        this.state.result = null;
    }

    onAnswer(question, answer) {
        const others = new Set(question.answers.map((each) => each.id));
        if (question.kind === "single" && !this.isGiven(answer)) {
            this.state.answerIds = this.state.answerIds.filter((id) => !others.has(id));
        }
        this.toggle(this.state.answerIds, answer.id);
        this.count("answered", question.id);
        return this.refresh();
    }

    toggle(ids, id) {
        const index = ids.indexOf(id);
        if (index < 0) {
            ids.push(id);
        } else {
            ids.splice(index, 1);
        }
    }

    async onFind() {
        const result = await this.orm.call(MODEL, "finish_at_desk", [this.values]);
        if (result.red_flags.length) {
            this.state.redFlags = result.red_flags;
            return;
        }
        this.state.result = result;
        requestAnimationFrame(() => this.showResult());
    }

    /** The button is below all the questions, the answer begins beside the first. */
    showResult() {
        const {el} = this.result;
        el?.scrollIntoView({block: "start"});
        el?.querySelector(".o_clinic_book_match")?.focus({preventScroll: true});
    }

    onBook(match, withTime) {
        this.count("chose");
        const context = {
            default_patient_id: this.state.patientId || false,
            default_service_id: match.service_id,
            default_specialist_id: match.specialist_id,
            default_branch_id: match.next_slot ? match.next_slot.branch_id : false,
            clinic_screening_id: this.state.result.screening_id,
        };
        if (withTime) {
            context.default_chosen = match.key;
        }
        return this.action.doAction("clinic_schedule.action_clinic_booking_wizard", {
            additionalContext: context,
        });
    }

    get refusedTitle() {
        return _t("Why not the others (%s)", this.state.result.refused.length);
    }
}

registry.category("actions").add("clinic_screening_desk", ScreeningDesk);
