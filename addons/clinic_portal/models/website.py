from odoo import models


class Website(models.Model):
    _inherit = "website"

    def _clinic_branches(self):
        """Return the branches for the public pages of this website."""
        # Public pages show names and addresses of branches to everybody.
        return (
            self.env["clinic.branch"]
            .sudo()
            .search([("company_id", "=", self.company_id.id)])
        )

    def _clinic_specialists(self):
        """Return the specialists shown to everybody on this website."""
        # Names, photos and specialties are on the clinic's front door.
        return (
            self.env["clinic.specialist"]
            .sudo()
            .search(
                [("company_id", "=", self.company_id.id), ("on_website", "=", True)]
            )
        )

    def _clinic_specialties(self):
        """Return the specialties somebody can be booked to."""
        specialties_sudo = self._clinic_specialists().specialty_ids
        return specialties_sudo.sorted(lambda s: (s.sequence, s.name))

    def _clinic_problems(self):
        """Return the problems somebody here deals with."""
        # Categories in the patients' own words, shown to all.
        return (
            self.env["clinic.problem"]
            .sudo()
            .search([("specialty_ids", "in", self._clinic_specialties().ids)])
        )

    # -- what search engines and other sites show

    def _clinic_home_title(self):
        """Return the title of the home page, unless an editor gave it another."""
        return self.env._("Book a doctor online")

    def _clinic_home_description(self):
        """Return what search engines show of the home page."""
        return self.env._(
            "%(clinic)s: a doctor at the time that suits you. Answer a few questions "
            "and see who can help, the prices and the nearest free times.",
            clinic=self.company_id.sudo().name,
        )

    def _clinic_sharing(self, seo_object, meta, title, description):
        """Return what other sites show of a page: its own words, in its language.

        Odoo gives the name of the template. What an editor of the site wrote stays.

        :param seo_object: the page or view an editor may have described
        :param meta: the values of Odoo
        """
        given = seo_object and seo_object.sudo()
        own = {"type": "website", "site_name": self.name}
        if not (given and given.website_meta_title):
            own["title"] = title
        if description and not (given and given.website_meta_description):
            own["description"] = description
        twitter = {name: own[name] for name in ("title", "description") if name in own}
        return {
            **meta,
            "opengraph_meta": {
                **(meta.get("opengraph_meta") or {}),
                **{f"og:{name}": value for name, value in own.items()},
            },
            "twitter_meta": {
                **(meta.get("twitter_meta") or {}),
                **{f"twitter:{name}": value for name, value in twitter.items()},
            },
        }
