-- How much a portal and a person sent lately.
create index media_portal_at on media (portal, at);
create index media_sender_at on media (sender, at);
