-- What was brought to Slack is forgotten by where it is there, when its message is removed.
create index media_target on media (target) where direction = 'to_slack';
